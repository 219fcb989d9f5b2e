package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.health.Health;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Faults;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusPagesTest {

    private final Health health = new Health(List.of(), List::of, Time.SYSTEM);
    private final Faults faults = new Faults(Time.SYSTEM, Duration.ofDays(1), fault -> ExitCode.INTERNAL);

    @Test
    void portInUseIsNoFault() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(StatusPages.open("127.0.0.1", other.getLocalPort(), new Metrics(), health, () -> null, faults))
                    .isNull();
        }
        assertThat(faults.first()).isNotDone();
    }

    @Test
    void portZeroOpensNoServer() {
        assertThat(StatusPages.open("127.0.0.1", 0, new Metrics(), health, () -> null, faults))
                .isNull();
    }
}
