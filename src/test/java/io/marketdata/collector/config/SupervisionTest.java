package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SupervisionTest {

    private static final long PID = 4711;

    @Test
    void isAbsentWithoutASocket() {
        assertThat(Supervision.of(Map.of("WATCHDOG_USEC", "60000000"), PID)).isEmpty();
        assertThat(Supervision.of(Map.of("NOTIFY_SOCKET", " "), PID)).isEmpty();
    }

    @Test
    void watchdogAppliesIfItNamesThisProcessOrNone() {
        assertThat(watchdog("60000000", null)).isEqualTo(Duration.ofMinutes(1));
        assertThat(watchdog("60000000", "4711")).isEqualTo(Duration.ofMinutes(1));
        assertThat(watchdog("60000000", "4712")).as("of the parent process").isNull();
    }

    @Test
    void invalidTimeMeansNoWatchdog() {
        assertThat(watchdog(null, null)).isNull();
        assertThat(watchdog("0", null)).isNull();
        assertThat(watchdog("-1", null)).isNull();
        assertThat(watchdog("soon", null)).isNull();
        assertThat(watchdog("9223372036854775807", null)).as("more than fits").isNull();
    }

    private static Duration watchdog(String micros, String pid) {
        Map<String, String> environment = new java.util.HashMap<>(Map.of("NOTIFY_SOCKET", "/run/systemd/notify"));
        if (micros != null) {
            environment.put("WATCHDOG_USEC", micros);
        }
        if (pid != null) {
            environment.put("WATCHDOG_PID", pid);
        }
        return Supervision.of(environment, PID).orElseThrow().watchdog();
    }
}
