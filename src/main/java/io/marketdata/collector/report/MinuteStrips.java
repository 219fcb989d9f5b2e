package io.marketdata.collector.report;

import static io.marketdata.collector.report.ReportPage.count;

import io.marketdata.collector.audit.Minutes;
import io.marketdata.collector.audit.Minutes.Held;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.html.Html;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Draws the minutes of a period: a strip for all instances together, one for each, and the number of trades. */
final class MinuteStrips {

    /** Instances drawn; the table of instances has all. */
    private static final int MOST = 12;

    /** Listed in words, and titled in a strip. */
    private static final int MOST_RUNS = 100;

    /** A period has as many columns of this width at least, so that a single minute is seen on a telephone. */
    private static final int COLUMNS = 240;

    private static final int HEIGHT = 10;

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final long fromMs;
    private final Minutes minutes;
    private final int size;

    private MinuteStrips(Period period, Minutes minutes) {
        this.fromMs = period.fromMs();
        this.minutes = minutes;
        this.size = minutes.all().size();
    }

    static String html(Period period, Minutes minutes) {
        return new MinuteStrips(period, minutes).html();
    }

    /** Minutes one after the other of which the same is held. */
    private record Run(Held held, int from, int to) {}

    private String html() {
        StringBuilder rows = new StringBuilder(row("all instances", strip("all instances", minutes.all())));
        minutes.instances().entrySet().stream()
                .limit(MOST)
                .forEach(each -> rows.append(
                        row(each.getKey().value(), strip(each.getKey().value(), each.getValue()))));
        int left = minutes.instances().size() - MOST;
        return "<section class=\"minutes\"><h2>Minutes</h2>\n" + rows + row("trades a minute", bars()) + axis()
                + (left > 0 ? "<p>" + count(left) + " more instances are in the table below.</p>\n" : "") + legend()
                + marked() + "</section>\n";
    }

    private static String row(String name, String html) {
        return "<div class=\"row\"><span>" + Html.text(name) + "</span>" + html + "</div>\n";
    }

    private static List<Run> runs(List<Held> minutes) {
        List<Run> runs = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= minutes.size(); i++) {
            if (i == minutes.size() || minutes.get(i) != minutes.get(from)) {
                runs.add(new Run(minutes.get(from), from, i));
                from = i;
            }
        }
        return runs;
    }

    private String strip(String name, List<Held> held) {
        List<Run> runs = runs(held);
        boolean isTitled = runs.size() <= MOST_RUNS;
        StringBuilder shapes = new StringBuilder();
        // What matters most is drawn last, over its neighbours.
        runs.stream()
                .sorted(Comparator.comparingInt(run -> weight(run.held())))
                .forEach(run -> shapes.append(shape(run, isTitled)));
        return "<svg viewBox=\"0 0 " + size + " " + HEIGHT
                + "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" + Html.text(name) + ": " + fully(held)
                + "\">" + shapes + "</svg>";
    }

    private static String fully(List<Held> held) {
        int fully = Collections.frequency(held, Held.FULLY);
        return count(fully) + " of " + count(held.size()) + " minutes held fully";
    }

    private String shape(Run run, boolean isTitled) {
        double width = run.to() - run.from();
        double least = weight(run.held()) == 0 ? width : Math.max(width, (double) size / COLUMNS);
        double x = Math.max(0, Math.min(size - least, run.from() - (least - width) / 2));
        String rect = Html.format(
                "<rect class=\"%s\" x=\"%.1f\" width=\"%.1f\" y=\"%d\" height=\"%d\"",
                run.held().letter(), x, least, top(run.held()), HEIGHT - top(run.held()));
        return isTitled ? rect + "><title>" + words(run) + "</title></rect>" : rect + "/>";
    }

    private String words(Run run) {
        return clock(run.from()) + " to " + clock(run.to()) + ": " + meaning(run.held());
    }

    private String clock(int minute) {
        return minute == 1_440 ? "24:00" : CLOCK.format(Instant.ofEpochMilli(fromMs + 60_000L * minute));
    }

    /** The height differs as well, for a reader who does not see the colours. */
    private static int top(Held held) {
        return switch (held) {
            case FULLY, NOTHING -> 0;
            case BACKFILLED -> 2;
            case IN_DOUBT -> 3;
            case PARTLY -> 5;
            case QUIET, UNKNOWN -> 9;
        };
    }

    private static int weight(Held held) {
        return switch (held) {
            case FULLY, QUIET, UNKNOWN -> 0;
            case BACKFILLED -> 1;
            case IN_DOUBT -> 2;
            case PARTLY -> 3;
            case NOTHING -> 4;
        };
    }

    private static String meaning(Held held) {
        return switch (held) {
            case FULLY -> "held fully";
            case BACKFILLED -> "held, some of it backfilled";
            case IN_DOUBT -> "in doubt because of a problem";
            case PARTLY -> "trades are missing";
            case NOTHING -> "nothing is held";
            case QUIET -> "no trade was made";
            case UNKNOWN -> "not known";
        };
    }

    private String bars() {
        long most = Math.max(1, Collections.max(minutes.trades()));
        StringBuilder path = new StringBuilder("M0 100");
        for (int i = 0; i < size; i++) {
            path.append(Html.format("V%.1fH%d", 100 - 100.0 * minutes.trades().get(i) / most, i + 1));
        }
        return "<svg class=\"bars\" viewBox=\"0 0 " + size
                + " 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" + "at most " + count(most)
                + " trades in a minute\"><path d=\"" + path + "V100Z\"/></svg>";
    }

    private String axis() {
        StringBuilder labels = new StringBuilder();
        for (int quarter = 0; quarter <= 4; quarter++) {
            labels.append("<span>").append(clock(size * quarter / 4)).append("</span>");
        }
        long most = Collections.max(minutes.trades());
        return "<div class=\"row\"><span class=\"soft\">at most " + count(most) + "</span><div class=\"axis\">" + labels
                + "</div></div>\n";
    }

    private String legend() {
        StringBuilder items = new StringBuilder();
        for (Held held : Held.values()) {
            int number = Collections.frequency(minutes.all(), held);
            items.append(Html.format(
                    "<li><svg viewBox=\"0 0 %d %d\" aria-hidden=\"true\"><rect class=\"%s\" width=\"%d\" y=\"%d\" height=\"%d\"/>"
                            + "</svg> %s: %,d</li>\n",
                    HEIGHT, HEIGHT, held.letter(), HEIGHT, top(held), HEIGHT - top(held), meaning(held), number));
        }
        return "<ul class=\"legend\">\n" + items + "</ul>\n";
    }

    private String marked() {
        List<Run> marked = runs(minutes.all()).stream()
                .filter(run -> weight(run.held()) > 0)
                .toList();
        if (marked.isEmpty()) {
            return "";
        }
        int left = marked.size() - Math.min(marked.size(), MOST_RUNS);
        return "<p>" + Html.each(marked.subList(0, marked.size() - left), run -> words(run) + ". ")
                + (left == 0 ? "" : count(left) + " more, which <code>verify --json</code> lists.") + "</p>\n";
    }
}
