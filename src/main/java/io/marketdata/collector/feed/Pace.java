package io.marketdata.collector.feed;

import java.time.Duration;

/**
 * Learns how often a symbol trades, as a running mean of the pauses between its trades, so that a busy symbol is
 * noticed as silent earlier than a quiet one. Pure; one thread at a time.
 */
final class Pace {

    /** Trades of one sweep arrive together; only the pauses between sweeps show how busy a symbol is. */
    private static final long SAME_SWEEP_NANOS = 1_000_000;

    /** The number of pauses that the mean remembers. */
    private static final int MEMORY = 200;

    /** A silence is unusual from this many mean pauses: by chance that happens about once a month for BTCUSDT. */
    private static final int UNUSUAL = 20;

    private long lastNanos;
    private boolean traded;
    private double meanNanos;
    private int pauses;

    void traded(long nowNanos) {
        long pause = nowNanos - lastNanos;
        if (traded && pause < SAME_SWEEP_NANOS) {
            return;
        }
        if (traded) {
            pauses = Math.min(pauses + 1, MEMORY);
            meanNanos += (pause - meanNanos) / pauses;
        }
        traded = true;
        lastNanos = nowNanos;
    }

    /**
     * The length from which a silence is unusual.
     *
     * @param least lower bound; also the result before the pace is known
     * @param most upper bound
     */
    Duration unusualSilence(Duration least, Duration most) {
        Duration unusual = Duration.ofNanos((long) (meanNanos * UNUSUAL));
        return unusual.compareTo(least) < 0 ? least : unusual.compareTo(most) > 0 ? most : unusual;
    }
}
