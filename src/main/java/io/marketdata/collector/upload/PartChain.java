package io.marketdata.collector.upload;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.SequenceTracker;
import io.marketdata.collector.model.SequenceVerdict;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.Spool;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes the checkpoint from one packed part to the next: which ids are missing, and which are recorded ahead. The
 * lines go through a {@link SequenceTracker} as the trades did, so an id that is not believed there is not believed
 * here. Parts may come in any order: late ones, and backfilled ones before the part that reveals the gap.
 *
 * <p>No I/O. One thread.
 */
final class PartChain {

    /** One hour longer than missing trades are backfilled. In the exchange's time: the wall clock may be years off. */
    private static final long BACKFILLED_FOR_MS = TimeUnit.HOURS.toMillis(25);

    private final Time time;

    /** After the last part of each spool. An id without evidence may get it from the next part. */
    private final IdentityHashMap<Spool, SequenceTracker> trackers = new IdentityHashMap<>();

    private final Supplier<SequenceTracker> newTracker;

    PartChain(Time time) {
        this(time, () -> new SequenceTracker(Checkpoint.MAX_GAPS));
    }

    PartChain(Time time, Supplier<SequenceTracker> newTracker) {
        this.time = time;
        this.newTracker = newTracker;
    }

    /**
     * What a part adds.
     *
     * @param missing ids that this part shows to be missing, which neither it nor an earlier part holds, ascending
     * @param resetAt the first id of a new sequence of the exchange that begins in this part; null if none does
     */
    record Step(
            SequenceTracker tracker,
            List<IdRange> missing,
            @Nullable Long resetAt) {}

    /** Whether the checkpoint includes the part, because a crash came between the checkpoint and the end of packing. */
    static boolean includes(Checkpoint last, Spool spool, PartName name, PartTally tally) {
        if (last.s3Key().equals(KeyLayout.part(spool.symbol(), name))) {
            return true;
        }
        MissingIds lacking = new MissingIds(Integer.MAX_VALUE);
        last.missing().forEach(lacking::add);
        lacking.add(new IdRange(last.highestId() + 1, Long.MAX_VALUE), 0);
        last.ahead().forEach(lacking::remove);
        return !tally.holdsAnyOf(lacking);
    }

    /**
     * Judges the lines of one more part. The result counts from {@link #keep} on.
     *
     * @param knownBefore used without {@code last}: ids above this are missing; -1 if the part's first id is the first
     *     of all
     */
    Step step(Spool spool, Origin origin, PartTally tally, @Nullable Checkpoint last, long knownBefore) {
        SequenceTracker tracker = tracker(spool, tally, last, knownBefore);
        if (origin.isBackfilled()) {
            tally.forEach((id, tradeTimeMs) -> tracker.takeBackfilled(id));
            return new Step(tracker, List.of(), null);
        }
        MissingIds missing = new MissingIds(Integer.MAX_VALUE);
        long seenMs = tally.summary().timeMaxMs();
        @Nullable Long[] resetAt = new Long[1];
        tally.forEach((id, tradeTimeMs) -> {
            SequenceVerdict verdict = tracker.judge(id, tradeTimeMs, 0);
            tracker.take(id, tradeTimeMs, 0, verdict, seenMs).forEach(ids -> missing.add(ids, 0));
            missing.remove(new IdRange(id, id));
            if (verdict == SequenceVerdict.RESET) {
                resetAt[0] = tracker.first();
            }
        });
        return new Step(tracker, missing.gaps().stream().map(Gap::ids).toList(), resetAt[0]);
    }

    private SequenceTracker tracker(Spool spool, PartTally tally, @Nullable Checkpoint last, long knownBefore) {
        SequenceTracker kept = trackers.remove(spool);
        if (kept != null && last != null && kept.highest() == last.highestId()) {
            return kept;
        }
        SequenceTracker tracker = newTracker.get();
        if (last != null) {
            tracker.resume(last.highestId(), last.highestTimeMs(), last.missing(), last.ahead());
        } else if (knownBefore >= 0) {
            tracker.resume(knownBefore, tally.summary().timeMinMs(), List.of(), List.of());
        }
        return tracker;
    }

    /**
     * The checkpoint after a part.
     *
     * @return null if the very first part holds backfilled trades
     */
    @Nullable
    Checkpoint after(PartName name, Manifest manifest, Step step, @Nullable Checkpoint before) {
        SequenceTracker tracker = step.tracker;
        markUnrecoverable(tracker, before);
        if (name.origin().isBackfilled()) {
            return before == null ? null : before.backfilled(tracker.gaps(), tracker.ahead());
        }
        return new Checkpoint(
                before == null ? name.epochMs() : Math.max(name.epochMs(), before.epochMs()),
                manifest.payload().s3Key(),
                manifest.payload().sha256(),
                manifest.payload().summary().idLast(),
                tracker.highest(),
                tracker.highestTimeMs(),
                tracker.gaps(),
                tracker.ahead());
    }

    /** The checkpoint after the part is written. */
    void keep(Spool spool, Step step) {
        trackers.put(spool, step.tracker);
    }

    /**
     * Gaps that are too old to be backfilled. A gap is too old only if both clocks agree, this machine's and the
     * exchange's: neither alone can make it old.
     */
    private void markUnrecoverable(SequenceTracker tracker, @Nullable Checkpoint last) {
        if (last != null) {
            long oldest = Math.min(time.epochMillis(), last.epochMs()) - BACKFILLED_FOR_MS;
            tracker.gaps().stream()
                    .filter(gap -> gap.since() < oldest && !gap.unrecoverable())
                    .forEach(gap -> tracker.markOld(gap.ids()));
        }
    }
}
