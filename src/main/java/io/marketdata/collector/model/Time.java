package io.marketdata.collector.model;

import java.time.Instant;

/**
 * The only door to the clocks, so that tests can move time by hand. {@link #epochMicros()} names and stamps things;
 * {@link #nanoTime()} measures them. The wall clock never decides when something is due: it jumps.
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

    /** Monotonic clock in nanoseconds from an arbitrary origin; only differences mean something. */
    long nanoTime();

    /** Wall clock, milliseconds since 1970-01-01 UTC. */
    default long epochMillis() {
        return epochMicros() / 1_000;
    }
}
