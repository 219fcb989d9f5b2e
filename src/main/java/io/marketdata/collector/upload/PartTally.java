package io.marketdata.collector.upload;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.PartSummary;
import java.util.Arrays;
import java.util.List;

/** Collects ids, times and counts of a part's lines for its manifest. One thread. */
final class PartTally {

    private long[] ids = new long[1_024];
    private long[] times = new long[1_024];
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
            times = Arrays.copyOf(times, records * 2);
        }
        ids[records] = id;
        times[records++] = tradeTimeMs;
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

    /** Receives the trade of a line. */
    @FunctionalInterface
    interface Lines {
        /**
         * Takes one trade.
         *
         * @param tradeTimeMs ms since 1970 UTC
         */
        void line(long id, long tradeTimeMs);
    }

    /** Passes on the trades in the order of the lines. */
    void forEach(Lines lines) {
        for (int i = 0; i < records; i++) {
            lines.line(ids[i], times[i]);
        }
    }

    /** Whether one of this part's ids is missing there. */
    boolean holdsAnyOf(MissingIds missing) {
        return Arrays.stream(ids, 0, records).anyMatch(missing::contains);
    }

    /** Those of the written ids that no line holds, ascending. */
    List<IdRange> lacking(List<IdRange> written) {
        MissingIds lacking = new MissingIds(Integer.MAX_VALUE);
        IdRange.joined(written.stream()).forEach(range -> lacking.add(range, 0));
        forEach((id, tradeTimeMs) -> lacking.remove(new IdRange(id, id)));
        return lacking.gaps().stream().map(MissingIds.Gap::ids).toList();
    }

    /** @throws IllegalArgumentException if nothing was added */
    PartSummary summary() {
        long lowest = Arrays.stream(ids, 0, records).min().orElse(0);
        return new PartSummary(records, bytes, timeMin, timeMax, lowest, highest);
    }
}
