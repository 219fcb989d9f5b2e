package io.marketdata.collector.audit;

import io.marketdata.collector.audit.Edge.State;
import io.marketdata.collector.model.InstanceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is held of each minute of a period.
 *
 * @param fromMs the first minute, ms since 1970 UTC
 * @param trades how many are held, each once; exact unless a part is longer than a minute
 * @param all by all instances together
 * @param instances by each, in the order of the names; at most {@link #MAX_INSTANCES}
 */
public record Minutes(long fromMs, List<Long> trades, List<Held> all, Map<InstanceId, List<Held>> instances) {

    public static final int MAX_INSTANCES = 50;

    /** How much of a minute is held; in JSON the letter. */
    public enum Held {
        /** Every trade that is known. */
        FULLY('h'),
        /** Every trade, some of them only by a backfill. */
        BACKFILLED('b'),
        /** A problem is open that concerns it. */
        IN_DOUBT('d'),
        /** Some trades are missing. */
        PARTLY('p'),
        /** Trades are missing, and none is held. */
        NOTHING('m'),
        /** The ids prove that no trade was made. */
        QUIET('q'),
        /** Beyond an open edge, or it could not be looked at. */
        UNKNOWN('u');

        private final char letter;

        Held(char letter) {
            this.letter = letter;
        }

        public char letter() {
            return letter;
        }
    }

    /** Finds out. */
    public static Minutes of(DayReport report) {
        return new Count(report).minutes();
    }

    /** Ids by minute, and what decides. */
    private static final class Count {

        /** Of parts that are longer than a minute; a bucket may hold anything. */
        private static final int MAX_SLICES = 1_000_000;

        private final DayReport report;
        private final Period period;
        private final List<List<IdRanges>> slices = new ArrayList<>();
        private final Map<InstanceId, Set<Integer>> doubtful = new HashMap<>();
        private final Set<Integer> gaps = new HashSet<>();
        private final IdRanges doubted;
        private int sliced;

        Count(DayReport report) {
            this.report = report;
            this.period = report.period();
            for (long ms = period.fromMs(); ms < period.toMs(); ms += Period.MINUTE_MS) {
                slices.add(new ArrayList<>());
            }
            doubted =
                    IdRanges.union(report.problems().stream().map(Problem::ids).toList());
            Set<String> keys = new HashSet<>();
            report.problems().forEach(problem -> keys.add(problem.key()));
            for (Part part : report.parts()) {
                if (part.isSound()) {
                    add(part);
                }
                if (keys.contains(part.key()) || keys.contains(part.manifestKey())) {
                    doubtful.computeIfAbsent(part.name().instance(), instance -> new HashSet<>())
                            .add(minute(part.name().epochMs()));
                }
            }
            report.gaps().forEach(this::add);
        }

        /** The index of a time's minute; of one beyond the period the nearest. */
        private int minute(long ms) {
            long within = Math.max(period.fromMs(), Math.min(period.toMs() - 1, ms));
            return (int) ((within - period.fromMs()) / Period.MINUTE_MS);
        }

        private void add(Gap gap) {
            int last = gap.beforeMs() == 0 ? slices.size() - 1 : minute(gap.beforeMs());
            for (int i = gap.afterMs() == 0 ? 0 : minute(gap.afterMs()); i <= last; i++) {
                gaps.add(i);
            }
        }

        /** Of a part that is longer than a minute only the ends are known: its ids are spread evenly. */
        private void add(Part part) {
            long fromMs = part.timeMs(false);
            long toMs = part.timeMs(true) + 1;
            int first = minute(fromMs);
            int last = minute(toMs - 1);
            sliced += last - first;
            if (first == last || sliced > MAX_SLICES) {
                slices.get(minute(part.name().epochMs())).add(part.ids());
                return;
            }
            long from = part.ids().first();
            double idsPerMs = (part.ids().last() + 1.0 - from) / (toMs - fromMs);
            for (int i = first; i <= last; i++) {
                long endMs = period.fromMs() + (i + 1) * Period.MINUTE_MS;
                long to = i == last ? part.ids().last() : part.ids().first() + (long) (idsPerMs * (endMs - fromMs)) - 1;
                slices.get(i).add(IdRanges.of(from, to).and(part.ids()));
                from = to + 1;
            }
        }

        Minutes minutes() {
            List<IdRanges> known = new ArrayList<>();
            IdRanges before = IdRanges.NONE;
            for (List<IdRanges> minute : slices) {
                before = IdRanges.union(minute).minus(before);
                known.add(before);
            }
            List<Held> all = all(known);
            Map<InstanceId, List<Held>> instances = new TreeMap<>();
            report.instances().stream()
                    .limit(MAX_INSTANCES)
                    .forEach(each -> instances.put(each.instance(), of(each.instance(), each.ids(), known, all)));
            return new Minutes(
                    period.fromMs(), known.stream().map(IdRanges::count).toList(), all, instances);
        }

        private List<Held> all(List<IdRanges> known) {
            IdRanges filled = report.filled();
            int first = firstOf(known);
            int last = known.size() - 1;
            while (last >= 0 && known.get(last).isEmpty()) {
                last--;
            }
            List<Held> all = new ArrayList<>();
            for (int i = 0; i < known.size(); i++) {
                IdRanges ids = known.get(i);
                int minute = i;
                boolean isOpen = last < 0
                        || (i < first && report.before().state() == State.OPEN)
                        || (i > last && report.after().state() == State.OPEN);
                if (gaps.contains(i)) {
                    all.add(ids.isEmpty() ? Held.NOTHING : Held.PARTLY);
                } else if (doubtful.values().stream().anyMatch(minutes -> minutes.contains(minute))
                        || !ids.and(doubted).isEmpty()) {
                    all.add(Held.IN_DOUBT);
                } else {
                    all.add(whole(ids, isOpen ? null : filled));
                }
            }
            return all;
        }

        private static int firstOf(List<IdRanges> known) {
            int first = 0;
            while (first < known.size() && known.get(first).isEmpty()) {
                first++;
            }
            return first;
        }

        /** @param filled null where nothing is known */
        private static Held whole(IdRanges ids, @Nullable IdRanges filled) {
            if (ids.isEmpty()) {
                return filled == null ? Held.UNKNOWN : Held.QUIET;
            }
            return filled == null || ids.and(filled).isEmpty() ? Held.FULLY : Held.BACKFILLED;
        }

        private List<Held> of(InstanceId instance, IdRanges own, List<IdRanges> known, List<Held> all) {
            IdRanges filled = own.minus(live(instance));
            Set<Integer> doubt = doubtful.getOrDefault(instance, Set.of());
            List<Held> held = new ArrayList<>();
            for (int i = 0; i < known.size(); i++) {
                IdRanges ids = known.get(i);
                IdRanges lacking = ids.minus(own);
                if (doubt.contains(i)) {
                    held.add(Held.IN_DOUBT);
                } else if (ids.isEmpty()) {
                    held.add(all.get(i));
                } else if (lacking.equals(ids)) {
                    held.add(Held.NOTHING);
                } else {
                    held.add(lacking.isEmpty() && !gaps.contains(i) ? whole(ids, filled) : Held.PARTLY);
                }
            }
            return held;
        }

        private IdRanges live(InstanceId instance) {
            Stream<Part> own = report.parts().stream()
                    .filter(part -> part.isSound() && !part.isBackfilled())
                    .filter(part -> part.name().instance().equals(instance));
            return IdRanges.union(own.map(Part::ids).toList());
        }
    }
}
