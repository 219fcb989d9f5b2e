package io.marketdata.collector.audit;

import io.marketdata.collector.model.IdRange;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * How many instances hold each trade.
 *
 * @param trades the number of trades that exactly {@code i} instances hold, at index {@code i}; index 0 is unused
 */
public record Coverage(List<Long> trades) {

    public Coverage {
        trades = List.copyOf(trades);
    }

    /** Counts; each set is what one instance holds. */
    static Coverage of(List<IdRanges> instances) {
        long[][] changes = instances.stream()
                .flatMap(ids -> ids.ranges().stream())
                .flatMap(Coverage::changes)
                .sorted(Comparator.comparingLong(change -> change[0]))
                .toArray(long[][]::new);
        Long[] trades = new Long[instances.size() + 1];
        Arrays.fill(trades, 0L);
        int depth = 0;
        long from = 0;
        for (long[] change : changes) {
            if (depth > 0) {
                trades[depth] += change[0] - from;
            }
            from = change[0];
            depth += (int) change[1];
        }
        return new Coverage(List.of(trades));
    }

    private static Stream<long[]> changes(IdRange range) {
        return Stream.of(new long[] {range.first(), 1}, new long[] {range.last() + 1, -1});
    }

    /** Each trade once. */
    long distinct() {
        return trades.stream().mapToLong(Long::longValue).sum();
    }

    /** The share of the trades that at least two instances hold, percent; 0 without a trade. */
    public double byTwoPercent() {
        long once = trades.size() > 1 ? trades.get(1) : 0;
        return distinct() == 0 ? 0 : 100.0 * (distinct() - once) / distinct();
    }

    /** How many trades are stored a second or third time. */
    long duplicates() {
        long duplicates = 0;
        for (int i = 2; i < trades.size(); i++) {
            duplicates += (i - 1) * trades.get(i);
        }
        return duplicates;
    }
}
