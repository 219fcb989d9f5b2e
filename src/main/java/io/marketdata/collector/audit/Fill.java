package io.marketdata.collector.audit;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import java.util.Comparator;
import java.util.List;

/**
 * Trades that no connection delivered, or whose parts are damaged, and that were backfilled.
 *
 * @param fromMs they were made at this time or later, ms since 1970 UTC
 * @param toMs and at this time or earlier
 * @param by the instances whose backfill holds them
 */
public record Fill(IdRange ids, long fromMs, long toMs, List<InstanceId> by) {

    public Fill {
        by = List.copyOf(by);
    }

    /** The longest ones, in the order of their ids. */
    public static List<Fill> longest(DayReport report, int most) {
        List<Part> backfilled = report.parts().stream()
                .filter(part -> part.isSound() && part.isBackfilled())
                .toList();
        return report.filled().ranges().stream()
                .sorted(Comparator.comparingLong(IdRange::count).reversed())
                .limit(most)
                .sorted(Comparator.comparingLong(IdRange::first))
                .map(ids -> of(ids, backfilled))
                .toList();
    }

    private static Fill of(IdRange ids, List<Part> backfilled) {
        List<Part> parts = backfilled.stream()
                .filter(part -> part.ids().first() <= ids.last() && part.ids().last() >= ids.first())
                .toList();
        return new Fill(
                ids,
                parts.stream().mapToLong(part -> part.timeMs(false)).min().orElse(0),
                parts.stream().mapToLong(part -> part.timeMs(true)).max().orElse(0),
                parts.stream().map(part -> part.name().instance()).distinct().toList());
    }
}
