package io.marketdata.collector.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a service manager, such as systemd, tells the process that it has started: where it listens, and how often it wants
 * to hear that the process is alive. These are no settings of an operator. Source: sd_notify(3) and
 * sd_watchdog_enabled(3) of systemd 252.
 *
 * @param watchdog it takes the process for dead when it has heard nothing for so long; null if it does not care
 */
public record Supervision(@Nullable Duration watchdog) {

    /** The one that has started this process, if there is one and it listens. */
    public static Optional<Supervision> ofProcess() {
        return of(System.getenv(), ProcessHandle.current().pid());
    }

    /** @param pid of the process whose environment it is: a child inherits the environment, and is not meant */
    static Optional<Supervision> of(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        return socket.isBlank()
                ? Optional.empty()
                : Optional.of(new Supervision(
                        watchdog(environment.get("WATCHDOG_USEC"), environment.get("WATCHDOG_PID"), pid)));
    }

    private static @Nullable Duration watchdog(@Nullable String micros, @Nullable String meant, long pid) {
        if (micros == null || (meant != null && !meant.equals(Long.toString(pid)))) {
            return null;
        }
        try {
            long parsed = Long.parseLong(micros);
            return parsed > 0 ? Duration.ofNanos(Math.multiplyExact(parsed, 1_000)) : null;
        } catch (NumberFormatException | ArithmeticException e) {
            return null; // as if it were not set: sd_watchdog_enabled does the same with what it cannot read
        }
    }
}
