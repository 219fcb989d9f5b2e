package io.marketdata.collector.feed;

import io.marketdata.collector.model.TradeEvent;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * The payloads of the trades of one symbol that this process wrote last, as hashes: what makes a second copy of a trade
 * a duplicate. A trade that is not in here is not known to be recorded, whatever its id.
 *
 * <p>Holds half a minute of trades, between 64 and 32,768 (24 bytes each): no connection that is kept is further behind.
 * One thread at a time.
 */
final class RecentTrades {

    /** What is known of a trade's id. */
    enum Match {
        UNKNOWN,
        /** Written with this payload. */
        SAME,
        /** Written with another payload. */
        OTHER
    }

    private static final int LEAST = 64;
    private static final int MOST = 1 << 15;
    private static final int KEPT_SECONDS = 30;
    private static final long NONE = -1;

    /** Marks a backfilled trade, whose event lacks members that a connection delivers. */
    private static final long BACKFILLED = 0;

    private long[] ids = new long[LEAST];
    private long[] payloads = new long[LEAST];
    private int[] fields = new int[LEAST];

    /** When each was added, seconds on the monotonic clock. */
    private int[] seconds = new int[LEAST];

    RecentTrades() {
        Arrays.fill(ids, NONE);
    }

    Match match(TradeEvent trade, boolean backfilled) {
        int at = at(trade.id());
        if (ids[at] != trade.id()) {
            return Match.UNKNOWN;
        }
        boolean same = (backfilled || payloads[at] == BACKFILLED)
                ? fields[at] == trade.fieldHash()
                : payloads[at] == payload(trade);
        return same ? Match.SAME : Match.OTHER;
    }

    /** Adds a trade that has been written. */
    void add(TradeEvent trade, boolean backfilled, long nowNanos) {
        int at = at(trade.id());
        int second = (int) TimeUnit.NANOSECONDS.toSeconds(nowNanos);
        while (replacesYoung(at, trade.id(), second) && ids.length < MOST) {
            grow();
            at = at(trade.id());
        }
        if (backfilled && replacesYoung(at, trade.id(), second)) {
            return; // what connections deliver is more likely to be delivered again
        }
        seconds[at] = second;
        ids[at] = trade.id();
        payloads[at] = backfilled ? BACKFILLED : payload(trade);
        fields[at] = trade.fieldHash();
    }

    private boolean replacesYoung(int at, long id, int second) {
        return ids[at] != NONE && ids[at] != id && second - seconds[at] <= KEPT_SECONDS;
    }

    /** Forgets trades that are lost, so that another copy is recorded. */
    void remove(long first, long last) {
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= first && ids[i] <= last) {
                ids[i] = NONE;
            }
        }
    }

    private int at(long id) {
        return (int) (id & (ids.length - 1));
    }

    private static long payload(TradeEvent trade) {
        long hash = trade.payloadHash();
        return hash == BACKFILLED ? 1 : hash;
    }

    private void grow() {
        long[] oldIds = ids;
        long[] oldPayloads = payloads;
        int[] oldFields = fields;
        int[] oldSeconds = seconds;
        ids = new long[oldIds.length * 2];
        payloads = new long[ids.length];
        fields = new int[ids.length];
        seconds = new int[ids.length];
        Arrays.fill(ids, NONE);
        for (int i = 0; i < oldIds.length; i++) {
            if (oldIds[i] != NONE) {
                int at = at(oldIds[i]);
                ids[at] = oldIds[i];
                payloads[at] = oldPayloads[i];
                fields[at] = oldFields[i];
                seconds[at] = oldSeconds[i];
            }
        }
    }
}
