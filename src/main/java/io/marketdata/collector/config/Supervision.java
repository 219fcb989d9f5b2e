package io.marketdata.collector.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a service manager such as systemd passes to the process in its environment: the socket it listens on, and the
 * interval at which it expects signs of life. Not settings of an operator. Source: sd_notify(3) and sd_watchdog_enabled(3)
 * of systemd 252.
 *
 * @param watchdog without a sign of life for this long it considers the process dead; null for no watchdog
 */
public record Supervision(@Nullable Duration watchdog) {

    /** The service manager that started this process, if there is one and it listens. */
    public static Optional<Supervision> ofProcess() {
        return of(System.getenv(), ProcessHandle.current().pid());
    }

    /** @param pid of this process: a child inherits the environment, but is not supervised */
    static Optional<Supervision> of(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        Duration watchdog = watchdog(environment.get("WATCHDOG_USEC"), environment.get("WATCHDOG_PID"), pid);
        return socket.isBlank() ? Optional.empty() : Optional.of(new Supervision(watchdog));
    }

    private static @Nullable Duration watchdog(@Nullable String micros, @Nullable String meant, long pid) {
        if (micros == null || (meant != null && !meant.equals(Long.toString(pid)))) {
            return null;
        }
        try {
            long parsed = Long.parseLong(micros);
            return parsed > 0 ? Duration.ofNanos(Math.multiplyExact(parsed, 1_000)) : null;
        } catch (NumberFormatException | ArithmeticException e) {
            return null; // as if it were not set, like sd_watchdog_enabled
        }
    }
}
