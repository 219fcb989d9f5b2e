package io.marketdata.collector.demo;

import io.marketdata.collector.model.IdRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The table at the end of a demo with faults: fault, what happened, trades lost. Every issued trade belongs to a row. */
final class FaultReport {

    private static final String HEAD = "fault";

    private final IdRange issued;
    private final long[] stored;
    private final long[] backfilled;

    /**
     * One fault and what was seen of it.
     *
     * @param issuedBefore id of the last trade that was issued before it
     * @param what in words; trades that came over REST are added
     */
    record Episode(String fault, long issuedBefore, String what) {}

    /**
     * @param issued the exchange's own ids
     * @param stored ids in the bucket, ascending
     * @param backfilled those of them that came over REST, ascending
     */
    FaultReport(IdRange issued, long[] stored, long[] backfilled) {
        this.issued = issued;
        this.stored = stored.clone();
        this.backfilled = backfilled.clone();
    }

    /** The table, a line each. Trades before the first fault belong to the first row. */
    List<String> lines(List<Episode> episodes) {
        List<String> whats = new ArrayList<>();
        List<Long> losses = new ArrayList<>();
        for (int i = 0; i < episodes.size(); i++) {
            long after = i == 0 ? issued.first() - 1 : episodes.get(i).issuedBefore();
            long last = i + 1 < episodes.size() ? episodes.get(i + 1).issuedBefore() : issued.last();
            IdRange window = window(after, last);
            long over = window == null ? 0 : countIn(window, backfilled);
            whats.add(episodes.get(i).what() + (over == 0 ? "" : "; " + over + " trades over REST"));
            losses.add(window == null ? 0 : window.count() - countIn(window, stored));
        }
        int first = Math.max(
                HEAD.length(),
                episodes.stream().mapToInt(e -> e.fault().length()).max().orElse(0));
        int second = whats.stream().mapToInt(String::length).max().orElse(0);
        List<String> lines = new ArrayList<>();
        String format = "%-" + first + "s | %-" + Math.max(13, second) + "s | %s";
        lines.add(String.format(Locale.ROOT, format, HEAD, "what happened", "trades lost"));
        lines.add("-".repeat(first) + "-|-" + "-".repeat(Math.max(13, second)) + "-|------------");
        for (int i = 0; i < episodes.size(); i++) {
            lines.add(String.format(Locale.ROOT, format, episodes.get(i).fault(), whats.get(i), losses.get(i)));
        }
        return lines;
    }

    private @Nullable IdRange window(long after, long last) {
        long from = Math.max(issued.first(), after + 1);
        long to = Math.min(issued.last(), last);
        return from > to ? null : new IdRange(from, to);
    }

    private static long countIn(IdRange window, long[] ids) {
        return Arrays.stream(ids)
                .filter(id -> id >= window.first() && id <= window.last())
                .distinct()
                .count();
    }
}
