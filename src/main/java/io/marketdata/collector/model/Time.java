package io.marketdata.collector.model;

import java.time.Instant;

/**
 * The only access to the clocks, so that tests can control time. {@link #epochMicros()} is for names and time stamps, {@link
 * #nanoTime()} for durations. The wall clock never decides when something is due: it jumps.
 */
public interface Time {

    /** The clocks of this machine. */
    Time SYSTEM = new Time() {
        @Override
        public long epochMicros() {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }
    };

    /** Wall clock, microseconds since 1970-01-01 UTC. May jump in both directions. */
    long epochMicros();

    /** Monotonic clock, nanoseconds from an arbitrary origin; only differences are meaningful. */
    long nanoTime();

    /** Wall clock, milliseconds since 1970-01-01 UTC. */
    default long epochMillis() {
        return epochMicros() / 1_000;
    }
}
