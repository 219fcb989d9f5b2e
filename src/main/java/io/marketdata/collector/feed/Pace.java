package io.marketdata.collector.feed;

import java.time.Duration;

/**
 * How often a symbol trades, learned from its own trades: a running mean of the pauses between them. So silence means
 * something else for a busy symbol than for a quiet one. Pure; one thread at a time.
 */
final class Pace {

    /** Trades of one sweep come together; the pauses between sweeps are what tells how busy a symbol is. */
    private static final long SAME_SWEEP_NANOS = 1_000_000;

    /** So many pauses back the mean remembers. */
    private static final int MEMORY = 200;

    /** A pause of so many means happens by chance about once in a month of BTCUSDT. */
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
     * How long a silence must be to be unusual.
     *
     * @param least never less than this; also the answer while the symbol is not known yet
     * @param most never more than this
     */
    Duration unusualSilence(Duration least, Duration most) {
        Duration unusual = Duration.ofNanos((long) (meanNanos * UNUSUAL));
        return unusual.compareTo(least) < 0 ? least : unusual.compareTo(most) > 0 ? most : unusual;
    }
}
