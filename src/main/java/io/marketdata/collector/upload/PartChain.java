package io.marketdata.collector.upload;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeIds;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.Spool;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What {@code .checkpoint} tells from one packed part to the next: which ids are missing, and which lie ahead. From the ids alone,
 * so parts may come in any order: late ones, and recovered ones before the part that shows the gap. No I/O.
 */
final class PartChain {

    /** An hour more than missing trades are looked for. In the exchange's time: the wall clock may be years off. */
    private static final long MISSING_KEPT_MS = TimeUnit.HOURS.toMillis(25);

    private final Time time;

    PartChain(Time time) {
        this.time = time;
    }

    /** Whether a crash fell between the note of this part and the end of its packing. */
    static boolean tellsOf(Checkpoint last, Spool spool, PartName name, PartTally tally) {
        if (last.s3Key().equals(KeyLayout.part(spool.symbol(), name))) {
            return true;
        }
        if (name.origin() == Origin.STREAM
                && TradeIds.isReset(last.highestId(), tally.summary().idLast())) {
            return false;
        }
        MissingIds missing = new MissingIds(Checkpoint.MAX_GAPS);
        last.missing().forEach(missing::add);
        MissingIds above = new MissingIds(Integer.MAX_VALUE);
        tally.above(last.highestId()).forEach(ids -> above.add(ids, 0));
        last.ahead().forEach(above::remove);
        return above.size() == 0 && !tally.holdsAnyOf(missing);
    }

    /**
     * What {@code .checkpoint} says when one more part is packed.
     *
     * @return null if a part of recovered trades is the first of all
     */
    @Nullable
    Checkpoint after(PartName name, Manifest manifest, PartTally tally, @Nullable Checkpoint before, long knownBefore) {
        if (name.origin() == Origin.REST) {
            if (before == null) {
                return null;
            }
            MissingIds missing = stillMissing(before);
            tally.removeFrom(missing);
            List<IdRange> ahead =
                    IdRange.joined(Stream.concat(before.ahead().stream(), tally.above(before.highestId()).stream()));
            return before.backfilled(missing.gaps(), ahead);
        }
        long idLast = manifest.payload().summary().idLast();
        Checkpoint sameCount = before == null || TradeIds.isReset(before.highestId(), idLast) ? null : before;
        MissingIds missing = stillMissing(sameCount);
        tally.removeFrom(missing);
        missing(tally, sameCount, before == null ? knownBefore : -1)
                .forEach(ids -> missing.add(ids, manifest.payload().summary().timeMaxMs()));
        long highest = sameCount == null ? idLast : Math.max(idLast, sameCount.highestId());
        return new Checkpoint(
                before == null ? name.epochMs() : Math.max(name.epochMs(), before.epochMs()),
                manifest.payload().s3Key(),
                manifest.payload().sha256(),
                idLast,
                highest,
                missing.gaps(),
                sameCount == null
                        ? List.of()
                        : sameCount.ahead().stream()
                                .filter(ids -> ids.last() > highest)
                                .toList());
    }

    /**
     * What was missing before, without what nobody looks for any more. A gap is forgotten only where two clocks agree,
     * this machine's and the exchange's: neither alone can make one old.
     */
    private MissingIds stillMissing(@Nullable Checkpoint last) {
        MissingIds missing = new MissingIds(Checkpoint.MAX_GAPS);
        if (last != null) {
            long oldest = Math.min(time.epochMillis(), last.epochMs()) - MISSING_KEPT_MS;
            last.missing().stream().filter(gap -> gap.since() >= oldest).forEach(missing::add);
        }
        return missing;
    }

    /**
     * Ids up to the part's last one that neither it nor any part before holds, and that no part before has shown missing.
     *
     * @param last null: nothing is noted of the ids before
     * @param knownBefore then the first id of all is the next one; -1: it is this part's
     */
    static List<IdRange> missing(PartTally tally, @Nullable Checkpoint last, long knownBefore) {
        if (last == null) {
            return tally.missing(knownBefore);
        }
        MissingIds missing = new MissingIds(Integer.MAX_VALUE);
        tally.missing(last.highestId()).forEach(ids -> missing.add(ids, 0));
        last.ahead().forEach(missing::remove);
        return missing.gaps().stream().map(MissingIds.Gap::ids).toList();
    }
}
