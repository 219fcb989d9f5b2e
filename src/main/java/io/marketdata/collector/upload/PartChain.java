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
 * Computes the checkpoint from one packed part to the next: which ids are missing, and which are recorded ahead. Uses
 * the ids alone, so parts may come in any order: late ones, and backfilled ones before the part that reveals the gap.
 * No I/O.
 */
final class PartChain {

    /** One hour longer than missing trades are backfilled. In the exchange's time: the wall clock may be years off. */
    private static final long MISSING_KEPT_MS = TimeUnit.HOURS.toMillis(25);

    private final Time time;

    PartChain(Time time) {
        this.time = time;
    }

    /** Whether the checkpoint includes the part, because a crash came between the checkpoint and the end of packing. */
    static boolean includes(Checkpoint last, Spool spool, PartName name, PartTally tally) {
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
     * The checkpoint after one more part is packed.
     *
     * @param knownBefore see {@link #missing}
     * @return null if the very first part holds backfilled trades
     */
    @Nullable
    Checkpoint after(PartName name, Manifest manifest, PartTally tally, @Nullable Checkpoint before, long knownBefore) {
        if (name.origin() == Origin.REST) {
            return before == null ? null : afterBackfill(tally, before);
        }
        long idLast = manifest.payload().summary().idLast();
        Checkpoint same = before == null || TradeIds.isReset(before.highestId(), idLast) ? null : before;
        MissingIds missing = stillMissing(same);
        tally.removeFrom(missing);
        missing(tally, same, before == null ? knownBefore : -1)
                .forEach(ids -> missing.add(ids, manifest.payload().summary().timeMaxMs()));
        long highest = same == null ? idLast : Math.max(idLast, same.highestId());
        List<IdRange> ahead = same == null ? List.of() : same.ahead();
        return new Checkpoint(
                before == null ? name.epochMs() : Math.max(name.epochMs(), before.epochMs()),
                manifest.payload().s3Key(),
                manifest.payload().sha256(),
                idLast,
                highest,
                missing.gaps(),
                ahead.stream().filter(ids -> ids.last() > highest).toList());
    }

    private Checkpoint afterBackfill(PartTally tally, Checkpoint before) {
        MissingIds missing = stillMissing(before);
        tally.removeFrom(missing);
        List<IdRange> ahead =
                IdRange.joined(Stream.concat(before.ahead().stream(), tally.above(before.highestId()).stream()));
        return before.backfilled(missing.gaps(), ahead);
    }

    /**
     * The ids missing before, without gaps that are too old to be backfilled. A gap is dropped only if both clocks
     * agree, this machine's and the exchange's: neither alone can make it old.
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
     * Ids up to the part's last one that neither it nor any earlier part holds, and that no earlier part revealed as
     * missing.
     *
     * @param last null if nothing is known of earlier ids
     * @param knownBefore used without {@code last}: ids above this are missing; -1 if the part's first id is the first
     *     of all
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
