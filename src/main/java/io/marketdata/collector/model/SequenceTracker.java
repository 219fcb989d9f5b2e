package io.marketdata.collector.model;

import io.marketdata.collector.model.MissingIds.Gap;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is believed of the trade ids of one symbol: the high-water mark and the gaps below it, which are one statement.
 * Ids are consecutive (binance-public-data issue 114, Binance staff, 2022-02-23), so each id from the first to the
 * highest one is either recorded or in exactly one gap.
 *
 * <p>Doubt never drops: this class knows what is missing, never that a trade need not be recorded. A trade whose id is
 * implausible is recorded like any other, but nothing moves until there is evidence for it ({@link SequenceRule};
 * docs/ARCHITECTURE.md draws the states). Evidence is one of: another connection delivers the same trade; REST reports
 * that the exchange has that id; a run of {@link #RUN} consecutive ids on one connection. An old trade is no evidence.
 *
 * <p>{@link #judge} changes nothing; {@link #take} is called when the trade has been written. Between the two a write
 * can fail; the id then stays missing.
 *
 * <p>Pure: no clock, no I/O; the ages of gaps are on the caller's clock. One thread at a time.
 */
public final class SequenceTracker {

    /** Far above what an outage leaves; {@link MissingIds} describes what happens beyond it. */
    public static final int MAX_GAPS = 10_000;

    /**
     * Ids by which a trade may be ahead without evidence: more than one connection is ahead of another. A false id
     * within it opens a gap that the market itself fills as it advances.
     */
    public static final long ORDINARY_GAP = 10_000;

    /** Consecutive ids on one connection that are evidence. */
    static final int RUN = 3;

    /** A backfilled id further ahead belongs to a former sequence. */
    private static final long BACKFILLED_AHEAD = 10_000_000;

    private final Set<SequenceRule> rules;
    private final int maxGaps;
    private IdSequence current;
    private @Nullable IdSequence former;
    private final Doubts doubts = new Doubts();
    private final IdsAhead ahead = new IdsAhead();
    private final RestClaim claim = new RestClaim();
    private boolean timesIgnored;

    public SequenceTracker() {
        this(MAX_GAPS);
    }

    /** @param maxGaps see {@link MissingIds} */
    public SequenceTracker(int maxGaps) {
        this(maxGaps, EnumSet.allOf(SequenceRule.class));
    }

    private SequenceTracker(int maxGaps, Set<SequenceRule> rules) {
        this.maxGaps = maxGaps;
        this.rules = rules;
        this.current = new IdSequence(maxGaps);
    }

    /** Without one of the rules, for the test that shows that each is needed. */
    public static SequenceTracker without(SequenceRule rule) {
        return new SequenceTracker(MAX_GAPS, EnumSet.complementOf(EnumSet.of(rule)));
    }

    /**
     * Continues from an earlier run, which recorded every id up to {@code highestId} except the gaps.
     *
     * @param tradeTimeMs trade time of the highest id, ms since 1970 UTC
     * @param recordedAhead ids above that are recorded as well
     */
    public void resume(long highestId, long tradeTimeMs, List<Gap> gaps, List<IdRange> recordedAhead) {
        current.raise(highestId, tradeTimeMs);
        current.continued = true;
        gaps.forEach(current.missing::add);
        recordedAhead.forEach(ahead::add);
    }

    /**
     * Judges a trade, whether or not it was recorded before.
     *
     * @param tradeTimeMs ms since 1970 UTC
     * @param connection what delivered it; any number that differs between connections
     */
    public SequenceVerdict judge(long id, long tradeTimeMs, int connection) {
        if (current.highest == IdSequence.NONE || id == current.highest + 1) {
            return SequenceVerdict.NEXT;
        }
        if (current.missing.contains(id)) {
            return SequenceVerdict.FILLS_GAP;
        }
        boolean above = id > current.highest;
        if (above && id - current.highest - 1 <= ORDINARY_GAP && mayFollow(id, tradeTimeMs)) {
            return SequenceVerdict.AHEAD;
        }
        if (former != null && former.lacks(id)) {
            return SequenceVerdict.FORMER_SEQUENCE;
        }
        return above ? judgeFarAhead(id, tradeTimeMs, connection) : judgeBelow(id, tradeTimeMs, connection);
    }

    private SequenceVerdict judgeFarAhead(long id, long tradeTimeMs, int connection) {
        boolean believed = !obeys(SequenceRule.EVIDENCE_FOR_AHEAD) || hasEvidence(id, tradeTimeMs, connection);
        return believed ? SequenceVerdict.AHEAD : SequenceVerdict.FAR_AHEAD;
    }

    private SequenceVerdict judgeBelow(long id, long tradeTimeMs, int connection) {
        if (id < current.first
                && !current.continued
                && current.first - id <= ORDINARY_GAP
                && tradeTimeMs <= current.firstTimeMs) {
            return SequenceVerdict.BEFORE_FIRST;
        }
        boolean believed = !obeys(SequenceRule.EVIDENCE_FOR_RESET) || hasEvidence(id, tradeTimeMs, connection);
        return believed ? SequenceVerdict.RESET : SequenceVerdict.BELOW;
    }

    private boolean hasEvidence(long id, long tradeTimeMs, int connection) {
        return mayFollow(id, tradeTimeMs)
                && (doubts.isOfAnother(id, connection)
                        || doubts.runWith(id, tradeTimeMs, connection).length() >= RUN);
    }

    /** Whether the trade was made after all recorded ones. Trades of one millisecond share their time. */
    private boolean mayFollow(long id, long tradeTimeMs) {
        return tradeTimeMs > current.highestTimeMs
                || (tradeTimeMs == current.highestTimeMs && id > current.highest)
                || timesIgnored
                || !obeys(SequenceRule.LATER_TIMES);
    }

    /**
     * Records that a trade has been written.
     *
     * @param verdict the result of {@link #judge}, with no other id taken in between
     * @param now for the age of a gap that this opens
     * @return the ids that are missing from now on, ascending
     */
    public List<IdRange> take(long id, long tradeTimeMs, int connection, SequenceVerdict verdict, long now) {
        List<IdRange> opened = List.of();
        switch (verdict) {
            case NEXT -> raise(id, tradeTimeMs);
            case AHEAD -> {
                ahead.add(new IdRange(id, id));
                opened = raiseOver(id, tradeTimeMs, now);
            }
            case FILLS_GAP -> current.missing.remove(new IdRange(id, id));
            case BEFORE_FIRST -> opened = takeBeforeFirst(id, tradeTimeMs, now);
            case FAR_AHEAD -> ahead.add(new IdRange(id, id));
            case RESET -> opened = reset(id, tradeTimeMs, now);
            case FORMER_SEQUENCE -> takeFormer(id, tradeTimeMs);
            case BELOW -> {}
        }
        if (verdict == SequenceVerdict.FAR_AHEAD || verdict == SequenceVerdict.BELOW) {
            doubt(id, tradeTimeMs, connection);
        } else if (!doubts.isEmpty()) {
            doubts.endRun(connection);
            doubts.remove(new IdRange(id, id));
        }
        return opened;
    }

    /** A trade that is not believed was not written with the others; evidence may come for it. */
    public void doubt(long id, long tradeTimeMs, int connection) {
        doubts.add(id, tradeTimeMs, connection, mayFollow(id, tradeTimeMs));
    }

    private void raise(long id, long tradeTimeMs) {
        current.raise(id, tradeTimeMs);
        timesIgnored = false;
        ahead.remove(new IdRange(0, id));
    }

    /** Raises the high-water mark; the ids up to it that are not recorded ahead are missing. */
    private List<IdRange> raiseOver(long id, long tradeTimeMs, long now) {
        List<IdRange> opened = current.addMissing(new IdRange(current.highest + 1, id), ahead.ranges(), now);
        if (id - current.highest > ORDINARY_GAP) {
            doubts.clear();
            claim.clear();
        }
        raise(id, tradeTimeMs);
        return opened;
    }

    private List<IdRange> takeBeforeFirst(long id, long tradeTimeMs, long now) {
        long next = current.first;
        current.first = id;
        current.firstTimeMs = tradeTimeMs;
        return id + 1 < next ? current.addMissing(new IdRange(id + 1, next - 1), ahead.ranges(), now) : List.of();
    }

    /**
     * Begins a new sequence with this id and the ids not far below it: those in doubt, which are recorded, and those
     * that were missing, which may belong to it. What an earlier run claimed was wrong, so after it all of them are
     * missing that are not in doubt.
     */
    private List<IdRange> reset(long id, long tradeTimeMs, long now) {
        IdSequence before = current;
        current = new IdSequence(maxGaps);
        ahead.clear();
        ahead.add(new IdRange(id, id));
        doubts.ids((doubted, timeMs) -> isNearBelow(doubted, id) && timeMs <= tradeTimeMs)
                .forEach(doubted -> ahead.add(new IdRange(doubted, doubted)));
        List<Gap> gaps = before.missing.gaps().stream()
                .filter(gap -> isNearBelow(gap.ids().first(), id) && gap.ids().last() < id)
                .toList();
        long least = Math.min(
                ahead.ranges().get(0).first(),
                gaps.isEmpty() ? id : gaps.get(0).ids().first());
        least = before.continued ? Math.max(0, id - ORDINARY_GAP) : least;
        current.highest = least - 1;
        former = obeys(SequenceRule.FORMER_IS_REMEMBERED) ? before : null;
        doubts.clear();
        claim.clear();
        List<IdRange> opened = raiseOver(id, tradeTimeMs, now);
        current.first = least;
        current.firstTimeMs = tradeTimeMs;
        return opened;
    }

    private static boolean isNearBelow(long other, long id) {
        return other < id && id - other <= ORDINARY_GAP;
    }

    private void takeFormer(long id, long tradeTimeMs) {
        IdSequence before = former;
        if (before == null) {
            return;
        }
        if (id <= before.highest) {
            before.missing.remove(new IdRange(id, id));
            return;
        }
        before.raise(id, tradeTimeMs);
        if (tradeTimeMs > current.highestTimeMs) {
            // The former sequence continues after the new one: the reset was a false one.
            former = current;
            current = before;
            doubts.clear();
        }
    }

    /**
     * Another connection has delivered a trade that is recorded: evidence, if it was in doubt.
     *
     * @return the ids that are missing from now on, ascending
     */
    public List<IdRange> deliveredAgain(long id, long tradeTimeMs, int connection, long now) {
        if (!doubts.contains(id)) {
            doubts.endRun(connection);
            return List.of();
        }
        SequenceVerdict verdict = judge(id, tradeTimeMs, connection);
        return verdict == SequenceVerdict.AHEAD || verdict == SequenceVerdict.RESET
                ? take(id, tradeTimeMs, connection, verdict, now)
                : List.of();
    }

    /**
     * The exchange reports over REST that {@code id} is its newest trade. That is evidence for ids in doubt; ids up to it
     * that have not arrived are missing. Far ahead of every recorded trade it needs a second answer. Before the first
     * trade the report only sets where the record begins.
     *
     * @param tradeTimeMs trade time of that id, ms since 1970 UTC
     * @return the ids that are missing from now on, ascending
     */
    public List<IdRange> exchangeHas(long id, long tradeTimeMs, long now) {
        if (current.highest == IdSequence.NONE) {
            current.raise(id, tradeTimeMs);
            current.first = id + 1;
            return List.of();
        }
        long confirmed = doubts.ids((doubted, timeMs) -> doubted <= id
                        && mayFollow(doubted, timeMs)
                        && (doubted > current.highest
                                || (id - doubted <= ORDINARY_GAP && current.highest - id > ORDINARY_GAP)))
                .max()
                .orElse(IdSequence.NONE);
        List<IdRange> opened = List.of();
        if (confirmed > current.highest) {
            opened = raiseOver(confirmed, tradeTimeMs, now);
        } else if (confirmed != IdSequence.NONE) {
            opened = reset(confirmed, tradeTimeMs, now);
        }
        doubts.forgetIds();
        return id > current.highest && isBelieved(id)
                ? IdRange.joined(Stream.concat(opened.stream(), raiseOver(id, tradeTimeMs, now).stream()))
                : opened;
    }

    private boolean isBelieved(long newest) {
        if (newest - current.highest <= ORDINARY_GAP) {
            claim.clear();
            return true;
        }
        return claim.isConfirmedBy(newest) || !obeys(SequenceRule.SECOND_REST_ANSWER);
    }

    /** Records a backfilled trade that an earlier run wrote, or that packing finds: never evidence of anything. */
    public void takeBackfilled(long id) {
        current.missing.remove(new IdRange(id, id));
        if (former != null) {
            former.missing.remove(new IdRange(id, id));
        }
        if (id > current.highest && id - current.highest <= BACKFILLED_AHEAD) {
            ahead.add(new IdRange(id, id));
        }
    }

    /**
     * Recorded trades turned out to be lost, for example because their lines are damaged.
     *
     * @return those of the ids that count as missing from now on, ascending
     */
    public List<IdRange> lost(IdRange ids, long now) {
        ahead.remove(ids);
        doubts.remove(ids);
        if (ids.first() > current.highest) {
            return List.of();
        }
        current.first = Math.min(current.first, ids.first());
        return current.addMissing(
                new IdRange(ids.first(), Math.min(ids.last(), current.highest)), current.missing.ranges(), now);
    }

    /** From now on a run of consecutive ids is evidence whatever its trade times, until an id is believed. */
    public void ignoreTimes() {
        timesIgnored = true;
    }

    /** Whether a rule holds; only a test leaves one out. */
    public boolean obeys(SequenceRule rule) {
        return rules.contains(rule);
    }

    /** Whether REST can settle something: an id without evidence, or a report that needs a second one. */
    public boolean isInDoubt() {
        return doubts.hasIds() || claim.isOpen();
    }

    /** Whether the id is recorded, and not believed. */
    public boolean isDoubted(long id) {
        return ahead.contains(id) || doubts.contains(id);
    }

    public boolean isMissing(long id) {
        return current.missing.contains(id);
    }

    /** Stops counting these as missing; one that arrives anyway is recorded. */
    public void markUnrecoverable(IdRange ids) {
        current.missing.markUnrecoverable(ids);
    }

    /** Marks a gap of an earlier run that is too old to be backfilled. It stays a gap. */
    public void markOld(IdRange ids) {
        if (obeys(SequenceRule.OLD_GAPS_ARE_KEPT)) {
            markUnrecoverable(ids);
        } else {
            current.missing.remove(ids);
        }
    }

    /** The gaps in ascending order; a copy. */
    public List<Gap> gaps() {
        return current.missing.gaps();
    }

    /** The ids above {@link #highest} that are recorded, ascending; a copy. */
    public List<IdRange> ahead() {
        return ahead.ranges();
    }

    /** Least id of which is known whether it is recorded or missing; -1 before the first trade. */
    public long first() {
        return current.first;
    }

    /** Greatest id recorded or known to exist; -1 before the first. */
    public long highest() {
        return current.highest;
    }

    /** Trade time of {@link #highest}, ms since 1970 UTC. */
    public long highestTimeMs() {
        return current.highestTimeMs;
    }

    /** How many ids are missing and not unrecoverable. */
    public long missingCount() {
        return current.missing.count();
    }
}
