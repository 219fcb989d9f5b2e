package io.marketdata.collector.rest;

import io.marketdata.collector.model.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far this machine's clock is off, by the exchange's, asked every 25 s for a weight of 1. Nothing is corrected by it:
 * no name, rotation or recovery depends on the clock being right, but whoever compares times of arrival must know.
 *
 * <p>One thread calls {@link #runOnce()}, any thread {@link #offset()}.
 */
public final class ClockCheck {

    /**
     * What the exchange's clock said.
     *
     * @param ms how far this machine's clock is ahead of the exchange's; negative if it is behind
     * @param errorMs the most by which that may be wrong: half of the time that the answer took
     */
    public record Offset(long ms, long errorMs) {

        /** The least by which the clocks differ for certain, whichever is ahead; 0 or more. */
        public long certainMs() {
            return Math.max(0, Math.abs(ms) - errorMs);
        }
    }

    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(25);

    /** An older answer tells nothing of a clock that may have been set since. */
    private static final Duration VALID_FOR = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(ClockCheck.class);

    private final BinanceRest rest;
    private final Time time;
    private final RestMetrics metrics;
    private long askedNanos;
    private volatile @Nullable Answer last;

    private record Answer(Offset offset, long atNanos) {}

    public ClockCheck(BinanceRest rest, Time time, RestMetrics metrics) {
        this.rest = rest;
        this.time = time;
        this.metrics = metrics;
        this.askedNanos = time.nanoTime() - BETWEEN_QUESTIONS.toNanos();
    }

    /** Asks, if it is time to. To be called again and again. */
    public void runOnce() throws InterruptedException {
        long began = time.nanoTime();
        if (began - askedNanos < BETWEEN_QUESTIONS.toNanos()
                || rest.budget().waitNanos(Weights.TIME, Weights.MOST) > 0) {
            return;
        }
        askedNanos = began;
        try {
            long exchangeMs = rest.serverTimeMs();
            long now = time.nanoTime();
            long halfMs = (now - began) / 2_000_000;
            Offset offset = new Offset(time.epochMillis() - halfMs - exchangeMs, halfMs + 1);
            last = new Answer(offset, now);
            metrics.clockOffset.set(offset.ms() / 1e3);
        } catch (RestException e) {
            LOG.debug("The exchange's clock could not be asked: {}", e.getMessage());
        }
    }

    /** Null if it is not known, or not any more. */
    public @Nullable Offset offset() {
        Answer answer = last;
        return answer == null || time.nanoTime() - answer.atNanos() > VALID_FOR.toNanos() ? null : answer.offset();
    }
}
