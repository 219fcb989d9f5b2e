package io.marketdata.collector.audit;

import io.marketdata.collector.audit.DayReport.HourReport;
import io.marketdata.collector.audit.DayReport.InstanceReport;
import io.marketdata.collector.audit.Edge.State;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes a report of what was read. Pure. */
final class Judgement {

    /** Of an instance; more are counted, and the longest are kept. */
    private static final int MAX_GAPS = 1_000;

    private final Symbol symbol;
    private final Period period;
    private final List<Part> parts;
    private final List<Part> sound;
    private final List<Problem> problems;
    private final Neighbour before;
    private final Neighbour after;
    private final List<String> notSeen;
    private final List<String> notices;
    private final IdRanges ids;
    private final TreeMap<Long, Part> byFirstId = new TreeMap<>();

    Judgement(
            Symbol symbol,
            Period period,
            List<Part> parts,
            List<Problem> problems,
            Neighbour before,
            Neighbour after,
            List<String> notSeen,
            List<String> notices) {
        this.symbol = symbol;
        this.period = period;
        this.parts = parts;
        this.problems = problems;
        this.before = before;
        this.after = after;
        this.notSeen = notSeen;
        this.notices = new ArrayList<>(notices);
        this.sound = parts.stream().filter(Part::isSound).toList();
        this.ids = union(sound.stream());
        Stream.of(before.parts(), sound, after.parts())
                .flatMap(List::stream)
                .forEach(part -> byFirstId.merge(
                        part.ids().first(),
                        part,
                        (a, b) -> a.ids().last() >= b.ids().last() ? a : b));
    }

    private static IdRanges union(Stream<Part> parts) {
        return IdRanges.union(parts.map(Part::ids).toList());
    }

    /** @param received from the trade to its arrival at an instance, µs; none if no trade was read */
    DayReport report(Quantiles received) {
        IdRanges missing = IdRanges.union(List.of(ids.gaps(), missingBefore(), missingAfter()));
        List<Gap> gaps = missing.ranges().stream().map(this::gap).toList();
        IdRanges refetched = union(sound.stream().filter(Part::isBackfilled));
        Predicate<Problem> isRepaired = problem ->
                !problem.ids().isEmpty() && problem.ids().minus(refetched).isEmpty();
        List<InstanceReport> instances = instances();
        noticeOverlaps();
        noticeResets();
        return new DayReport(
                symbol,
                period,
                parts,
                ids,
                gaps,
                Coverage.of(instances.stream().map(InstanceReport::ids).toList()),
                refetched.count(),
                hours(gaps),
                instances,
                edge(before, missingBefore(), true),
                edge(after, missingAfter(), false),
                problems.stream().filter(isRepaired.negate()).toList(),
                problems.stream().filter(isRepaired).toList(),
                notSeen,
                notices,
                received);
    }

    /** The ids between the nearest one before the period and its first. */
    private IdRanges missingBefore() {
        if (ids.isEmpty() || before.parts().isEmpty()) {
            return IdRanges.NONE;
        }
        IdRanges lower = before.ids().minus(IdRanges.of(ids.first(), Long.MAX_VALUE - 1));
        return lower.isEmpty()
                ? IdRanges.NONE
                : IdRanges.of(lower.last() + 1, ids.first() - 1).minus(before.ids());
    }

    private IdRanges missingAfter() {
        if (ids.isEmpty() || after.parts().isEmpty()) {
            return IdRanges.NONE;
        }
        IdRanges higher = after.ids().minus(IdRanges.of(0, ids.last()));
        return higher.isEmpty() ? IdRanges.NONE : IdRanges.of(ids.last() + 1, higher.first() - 1);
    }

    private static Edge edge(Neighbour neighbour, IdRanges missing, boolean isBefore) {
        if (neighbour.parts().isEmpty()) {
            return new Edge(State.OPEN, -1, neighbour.absence());
        }
        long id = isBefore ? neighbour.ids().last() : neighbour.ids().first();
        return new Edge(missing.isEmpty() ? State.JOINED : State.GAP, id, "");
    }

    private Gap gap(IdRange missing) {
        Map.Entry<Long, Part> lower = byFirstId.lowerEntry(missing.first());
        Map.Entry<Long, Part> higher = byFirstId.higherEntry(missing.last());
        // The part before may hold some of the ids, of another instance, or even those after them.
        boolean isBefore = lower == null || lower.getValue().ids().last() < missing.first();
        boolean isAround = lower != null && lower.getValue().ids().last() > missing.last();
        return new Gap(
                missing,
                lower == null ? 0 : lower.getValue().timeMs(isBefore),
                isAround
                        ? lower.getValue().timeMs(true)
                        : higher == null ? 0 : higher.getValue().timeMs(false));
    }

    private List<HourReport> hours(List<Gap> gaps) {
        Map<Long, List<Part>> byHour = parts.stream().collect(Collectors.groupingBy(part -> hour(part.minute())));
        Map<Long, Long> missing = gaps.stream()
                .collect(Collectors.groupingBy(
                        gap -> Math.max(period.fromMs(), hour(gap.afterMs())),
                        Collectors.summingLong(gap -> gap.ids().count())));
        Map<String, Long> inDoubt =
                problems.stream().collect(Collectors.groupingBy(Problem::key, Collectors.counting()));
        List<HourReport> hours = new ArrayList<>();
        for (long hour : period.hours()) {
            List<Part> all = byHour.getOrDefault(hour, List.of());
            List<Part> held = all.stream().filter(Part::isSound).toList();
            hours.add(new HourReport(
                    hour,
                    all.size(),
                    union(held.stream()),
                    missing.getOrDefault(Math.max(period.fromMs(), hour), 0L),
                    Coverage.of(byInstance(held).values().stream()
                            .map(each -> union(each.stream()))
                            .toList()),
                    union(held.stream().filter(Part::isBackfilled)).count(),
                    (int) all.stream()
                            .filter(part -> inDoubt.containsKey(part.key()) || !part.isSound())
                            .count()));
        }
        return hours;
    }

    private static long hour(long ms) {
        return ms - ms % Period.HOUR_MS;
    }

    private static Map<InstanceId, List<Part>> byInstance(List<Part> parts) {
        return parts.stream()
                .collect(Collectors.groupingBy(part -> part.name().instance(), TreeMap::new, Collectors.toList()));
    }

    private List<InstanceReport> instances() {
        List<InstanceReport> instances = new ArrayList<>();
        byInstance(parts).forEach((instance, all) -> {
            List<Part> held = all.stream().filter(Part::isSound).toList();
            IdRanges own = union(held.stream());
            List<Gap> gaps = ids.minus(own).ranges().stream()
                    .map(this::gap)
                    .sorted(Comparator.comparingLong((Gap gap) -> gap.ids().count())
                            .reversed())
                    .limit(MAX_GAPS)
                    .toList();
            long latestMs = held.stream()
                    .mapToLong(part -> part.storedMs() - part.timeMs(true))
                    .max()
                    .orElse(0);
            long backfilled = union(held.stream().filter(Part::isBackfilled)).count();
            instances.add(new InstanceReport(instance, all.size(), own, backfilled, gaps, latestMs));
        });
        return instances;
    }

    private void noticeResets() {
        sound.stream()
                .filter(part -> part.resetAt() != null)
                .forEach(part -> notices.add("the exchange began its ids again at " + part.resetAt() + " in "
                        + part.key() + ": the ids between the old and the new ones are no gap"));
    }

    /** A crash may store trades twice, which harms no reader. */
    private void noticeOverlaps() {
        byInstance(sound).forEach((instance, own) -> {
            List<Part> sorted = own.stream()
                    .filter(part -> !part.isBackfilled())
                    .sorted(Comparator.comparing(
                            (Function<Part, Long>) part -> part.ids().first()))
                    .toList();
            for (int i = 1; i < sorted.size(); i++) {
                IdRanges both = sorted.get(i).ids().and(sorted.get(i - 1).ids());
                if (!both.isEmpty()) {
                    notices.add(sorted.get(i - 1).key() + " and "
                            + sorted.get(i).key() + " both hold " + LogText.count(both.count(), "trade") + ", ids "
                            + both.first() + " to " + both.last());
                }
            }
        });
    }
}
