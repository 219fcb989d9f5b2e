package io.marketdata.collector.model;

/** What REST has reported far ahead of every trade, which a second answer must confirm. One thread at a time. */
final class RestClaim {

    /** Two answers this far apart agree: BTCUSDT takes about eight hours for so many trades. */
    private static final long AGREE_WITHIN = 1_000_000;

    private long newest = IdSequence.NONE;

    /** Takes an answer; returns whether it confirms the one before. If not, it waits to be confirmed. */
    boolean isConfirmedBy(long answer) {
        boolean agrees = isOpen() && answer >= newest && answer - newest <= AGREE_WITHIN;
        newest = agrees ? IdSequence.NONE : answer;
        return agrees;
    }

    boolean isOpen() {
        return newest != IdSequence.NONE;
    }

    void clear() {
        newest = IdSequence.NONE;
    }
}
