package io.marketdata.collector.demo;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table that ends {@code demo --faults}: fault, what happened, trades lost. Every issued trade belongs to one row. */
final class FaultReport {

    private static final String HEAD = "fault";
    private static final String WHAT = "what happened";

    private final IdRange issued;
    private final long[] stored;
    private final long[] backfilled;

    /**
     * A fault and its effect.
     *
     * @param issuedBefore id of the last trade issued before the fault
     * @param what the effect in words, without the number of backfilled trades
     */
    record Episode(String fault, long issuedBefore, String what) {}

    /**
     * @param issued ids that the exchange issued
     * @param stored ids in the bucket, ascending
     * @param backfilled those of them that were backfilled over REST, ascending
     */
    FaultReport(IdRange issued, long[] stored, long[] backfilled) {
        this.issued = issued;
        this.stored = stored.clone();
        this.backfilled = backfilled.clone();
    }

    /** The lines of the table. Trades before the first fault belong to the first row. */
    List<String> lines(List<Episode> episodes) {
        List<String> whats = new ArrayList<>();
        List<Long> losses = new ArrayList<>();
        for (int i = 0; i < episodes.size(); i++) {
            long after = i == 0 ? issued.first() - 1 : episodes.get(i).issuedBefore();
            long last = i + 1 < episodes.size() ? episodes.get(i + 1).issuedBefore() : issued.last();
            IdRange window = window(after, last);
            long over = window == null ? 0 : countIn(window, backfilled);
            whats.add(episodes.get(i).what() + (over == 0 ? "" : "; " + LogText.count(over, "trade") + " backfilled"));
            losses.add(window == null ? 0 : window.count() - countIn(window, stored));
        }
        int first = width(HEAD, episodes.stream().map(Episode::fault));
        int second = width(WHAT, whats.stream());
        List<String> lines = new ArrayList<>();
        String format = "%-" + first + "s | %-" + second + "s | %s";
        lines.add(String.format(Locale.ROOT, format, HEAD, WHAT, "trades lost"));
        lines.add("-".repeat(first) + "-|-" + "-".repeat(second) + "-|------------");
        for (int i = 0; i < episodes.size(); i++) {
            lines.add(String.format(Locale.ROOT, format, episodes.get(i).fault(), whats.get(i), losses.get(i)));
        }
        return lines;
    }

    private static int width(String heading, Stream<String> cells) {
        return Math.max(heading.length(), cells.mapToInt(String::length).max().orElse(0));
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
