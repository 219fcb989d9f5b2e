package io.marketdata.collector.rest;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the offset of this machine's clock from the exchange's, every 25 s for a weight of 1. It corrects nothing:
 * no name, rotation or backfill depends on a correct clock, but users of the arrival times must know the offset.
 *
 * <p>One thread calls {@link #runOnce()}, any thread {@link #offset()}.
 */
public final class ClockCheck {

    /**
     * A measured offset.
     *
     * @param ms how far this machine's clock is ahead of the exchange's; negative if it is behind
     * @param errorMs the greatest possible error of {@code ms}: half of the time that the answer took
     */
    public record Offset(long ms, long errorMs) {

        /** The least difference of the two clocks that is certain, whichever is ahead; 0 or more. */
        public long certainMs() {
            return Math.max(0, Math.abs(ms) - errorMs);
        }
    }

    private static final Duration INTERVAL = Duration.ofSeconds(25);

    /** An older answer is not used: the clock may have been set since. */
    private static final Duration VALID_FOR = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(ClockCheck.class);

    private final BinanceRest rest;
    private final Time time;
    private final RestMetrics metrics;
    private long queriedNanos;
    private volatile @Nullable Answer last;

    private record Answer(Offset offset, long atNanos) {}

    public ClockCheck(BinanceRest rest, Time time, RestMetrics metrics) {
        this.rest = rest;
        this.time = time;
        this.metrics = metrics;
        this.queriedNanos = time.nanoTime() - INTERVAL.toNanos();
    }

    /** Queries the exchange's clock if that is due. Called repeatedly. */
    public void runOnce() throws InterruptedException {
        long began = time.nanoTime();
        if (began - queriedNanos < INTERVAL.toNanos() || rest.budget().waitNanos(Weights.TIME, Weights.MOST) > 0) {
            return;
        }
        queriedNanos = began;
        try {
            long exchangeMs = rest.serverTimeMs();
            long now = time.nanoTime();
            long halfMs = (now - began) / 2_000_000;
            Offset offset = new Offset(time.epochMillis() - halfMs - exchangeMs, halfMs + 1);
            last = new Answer(offset, now);
            metrics.clockOffset.set(offset.ms() / 1e3);
        } catch (RestException e) {
            LOG.debug("The exchange's clock could not be queried: {}", e.getMessage());
        }
    }

    /** The last offset; null if there is none that is valid. */
    public @Nullable Offset offset() {
        Answer answer = last;
        return answer == null || time.nanoTime() - answer.atNanos() > VALID_FOR.toNanos() ? null : answer.offset();
    }
}
