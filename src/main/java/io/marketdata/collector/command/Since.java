package io.marketdata.collector.command;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * The earliest trade time that is wanted: a moment, or a duration before now.
 *
 * @param before null if {@code time} is set
 */
record Since(@Nullable TradeTime time, @Nullable Duration before) {

    /** Reads {@code 10m} or what {@link TradeTime#of} reads. */
    static Since of(String text) {
        try {
            return new Since(null, SettingsLoader.duration(text));
        } catch (IllegalArgumentException e) {
            try {
                return new Since(TradeTime.of(text), null);
            } catch (TypeConversionException noTime) {
                String why = String.valueOf(noTime.getMessage());
                throw new TypeConversionException(
                        why.contains("allowed: ") ? why + ", or a duration such as 10m" : why);
            }
        }
    }

    /** Ms since 1970 UTC. */
    long epochMs(Time clock) {
        return time != null
                ? time.epochMs()
                : Math.max(0, clock.epochMillis() - (before == null ? 0 : before.toMillis()));
    }
}
