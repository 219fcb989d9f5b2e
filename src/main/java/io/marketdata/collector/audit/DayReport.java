package io.marketdata.collector.audit;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was found about a symbol and a period.
 *
 * @param parts all of them, by folder, then by time
 * @param ids the trades that are held by parts without a problem
 * @param gaps the trades that no such part holds: between the first and the last one, and up to the neighbours
 * @param backfilled trades that parts from REST or an archive hold
 * @param problems with what no backfill has repaired, in the order of the keys
 * @param repaired problems of which every trade was backfilled since
 * @param notSeen why something could not be looked at
 * @param notices what a reader should know and need not act on
 * @param received from a trade's time to its arrival at an instance, by the two clocks, µs, of all live trades that were
 *     read; none if parts were not read
 */
public record DayReport(
        Symbol symbol,
        Period period,
        List<Part> parts,
        IdRanges ids,
        List<Gap> gaps,
        Coverage coverage,
        long backfilled,
        List<HourReport> hours,
        List<InstanceReport> instances,
        Edge before,
        Edge after,
        List<Problem> problems,
        List<Problem> repaired,
        List<String> notSeen,
        List<String> notices,
        Quantiles received) {

    public DayReport {
        parts = List.copyOf(parts);
        gaps = List.copyOf(gaps);
        hours = List.copyOf(hours);
        instances = List.copyOf(instances);
        problems = List.copyOf(problems);
        repaired = List.copyOf(repaired);
        notSeen = List.copyOf(notSeen);
        notices = List.copyOf(notices);
    }

    /** The same report with what a further look has found. */
    DayReport with(List<Problem> newProblems, List<String> newNotices) {
        return with(newProblems, List.of(), newNotices);
    }

    /** The same report, of which not everything could be seen. */
    public DayReport blind(String why) {
        return with(List.of(), List.of(why), List.of());
    }

    private DayReport with(List<Problem> newProblems, List<String> newNotSeen, List<String> newNotices) {
        return new DayReport(
                symbol,
                period,
                parts,
                ids,
                gaps,
                coverage,
                backfilled,
                hours,
                instances,
                before,
                after,
                Stream.concat(problems.stream(), newProblems.stream()).toList(),
                repaired,
                Stream.concat(notSeen.stream(), newNotSeen.stream()).toList(),
                Stream.concat(notices.stream(), newNotices.stream()).toList(),
                received);
    }

    /** The answer. */
    public enum Verdict {
        /** Every trade between the edges is there, and every object is as it was written, or its trades were backfilled. */
        COMPLETE,
        /** Trades are missing, or objects are missing or damaged. */
        INCOMPLETE,
        /** Something could not be looked at, so nothing can be said. */
        UNKNOWN
    }

    /**
     * An hour.
     *
     * @param startMs ms since 1970 UTC
     * @param ids of its parts without a problem
     * @param missing trades of the gaps that begin in it
     */
    public record HourReport(
            long startMs, int parts, IdRanges ids, long missing, Coverage coverage, long backfilled, int problems) {}

    /**
     * An instance.
     *
     * @param gaps what others hold and it does not, the longest first
     * @param latestMs the longest time between a part's last trade and its arrival in the store, ms
     */
    public record InstanceReport(
            InstanceId instance, int parts, IdRanges ids, long backfilled, List<Gap> gaps, long latestMs) {

        public InstanceReport {
            gaps = List.copyOf(gaps);
        }
    }

    public Verdict verdict() {
        boolean isBlind = !notSeen.isEmpty()
                || problems.stream().anyMatch(problem -> problem.kind() == Problem.Kind.MANIFEST_UNREADABLE);
        if (isBlind) {
            return Verdict.UNKNOWN;
        }
        return gaps.isEmpty() && problems.isEmpty() && !ids.isEmpty() ? Verdict.COMPLETE : Verdict.INCOMPLETE;
    }

    /** How many trades are missing. */
    public long missing() {
        return gaps.stream().mapToLong(gap -> gap.ids().count()).sum();
    }

    /** The trades that only backfilled parts hold. */
    public IdRanges filled() {
        return idsOf(true).minus(idsOf(false));
    }

    private IdRanges idsOf(boolean backfilled) {
        return IdRanges.union(parts.stream()
                .filter(part -> part.isSound() && part.isBackfilled() == backfilled)
                .map(Part::ids)
                .toList());
    }

    /** From the last trade of a part to its arrival in the store, by the two clocks, ms; of the live parts. */
    public Quantiles stored() {
        return Quantiles.of(parts.stream()
                .filter(part -> part.isSound() && !part.isBackfilled())
                .mapToLong(part -> part.storedMs() - part.timeMs(true)));
    }

    /** The sizes of the parts without a problem as stored, bytes. */
    public Quantiles partBytes() {
        return Quantiles.of(parts.stream().filter(Part::isSound).mapToLong(Part::bytes));
    }

    /** Every trade that a backfill should fetch: what is missing, and what is in doubt because of a problem. */
    public IdRanges toBackfill() {
        List<IdRanges> wanted = new ArrayList<>();
        gaps.forEach(gap -> wanted.add(IdRanges.of(gap.ids().first(), gap.ids().last())));
        problems.forEach(problem -> wanted.add(problem.ids()));
        return IdRanges.union(wanted);
    }
}
