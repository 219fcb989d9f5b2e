package io.marketdata.collector.upload;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.TradeIds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/** Collects ids, times and counts of a part's lines for its manifest. One thread. */
final class PartTally {

    private long[] ids = new long[1_024];
    private int records;
    private long bytes;
    private long timeMin = Long.MAX_VALUE;
    private long timeMax = Long.MIN_VALUE;
    private long highest = -1;
    private long outOfOrder;

    /** @param lineBytes length of the line with its line feed */
    void add(long id, long tradeTimeMs, int lineBytes) {
        if (records == ids.length) {
            ids = Arrays.copyOf(ids, records * 2);
        }
        ids[records++] = id;
        bytes += lineBytes;
        timeMin = Math.min(timeMin, tradeTimeMs);
        timeMax = Math.max(timeMax, tradeTimeMs);
        if (id < highest) {
            outOfOrder++;
        }
        highest = Math.max(highest, id);
    }

    int records() {
        return records;
    }

    /** Number of lines with an id below that of an earlier line. */
    long outOfOrder() {
        return outOfOrder;
    }

    /** Passes on the ids in the order of the lines. */
    void forEachId(LongConsumer consumer) {
        Arrays.stream(ids, 0, records).forEach(consumer);
    }

    /** Removes this part's ids from the missing ones. */
    void removeFrom(MissingIds missing) {
        for (int i = 0; i < records && missing.size() > 0; i++) {
            missing.remove(new IdRange(ids[i], ids[i]));
        }
    }

    /** Whether one of this part's ids is missing there. */
    boolean holdsAnyOf(MissingIds missing) {
        return Arrays.stream(ids, 0, records).anyMatch(missing::contains);
    }

    /** @throws IllegalArgumentException if nothing was added */
    PartSummary summary() {
        long lowest = Arrays.stream(ids, 0, records).min().orElse(0);
        return new PartSummary(records, bytes, timeMin, timeMax, lowest, highest);
    }

    /** This part's ids above {@code highestBefore} that can belong to the same sequence ({@link TradeIds}). */
    List<IdRange> above(long highestBefore) {
        return IdRange.joined(Arrays.stream(ids, 0, records)
                .filter(id -> id > highestBefore && !TradeIds.isReset(id, highestBefore))
                .mapToObj(id -> new IdRange(id, id)));
    }

    /**
     * The ids up to this part's last one that have not been seen. If the exchange reset the sequence within the part,
     * nothing is missing between the two sequences.
     *
     * @param highestBefore greatest id of all earlier parts, -1 if unknown: then nothing before this part's first id
     *     counts as missing
     */
    List<IdRange> missing(long highestBefore) {
        long[] sorted = Arrays.copyOf(ids, records);
        Arrays.sort(sorted);
        List<IdRange> missing = new ArrayList<>();
        long seen = highestBefore >= 0 ? highestBefore : sorted[0];
        for (long id : sorted) {
            boolean sameSequence = seen == highestBefore || !TradeIds.isReset(id, seen);
            if (id > seen + 1 && sameSequence) {
                missing.add(new IdRange(seen + 1, id - 1));
            }
            seen = Math.max(seen, id);
        }
        return missing;
    }
}
