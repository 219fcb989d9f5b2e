package io.marketdata.collector.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in an expression of Prometheus: not a whole grammar, but every word that could be a metric or a label is
 * checked, so that a misspelled name is found and not skipped.
 */
public final class PromQl {

    /** What Prometheus and its scraping add. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up");

    private static final Set<String> TARGET_LABELS = Set.of("instance", "job");
    private static final Set<String> WORDS = Set.of(
            "and", "or", "unless", "offset", "bool", "on", "ignoring", "by", "without", "group_left", "group_right");
    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][\\w:]*)\\s*\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)");
    private static final Pattern GROUPING =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");
    private static final Pattern NAME = Pattern.compile("(?<![\\w:.])[a-zA-Z_:][\\w:]*(?!\\w|\\s*\\()");

    private PromQl() {}

    /**
     * What is wrong with the names.
     *
     * @param exported labels by sample name
     */
    public static List<String> problems(String expression, Map<String, Set<String>> exported) {
        List<String> problems = new ArrayList<>();
        String text = expression.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "\"\"").replaceAll("\\[[^]]*]", "");
        Set<String> known = new TreeSet<>(TARGET_LABELS);
        for (MatchResult selector : SELECTOR.matcher(text).results().toList()) {
            Set<String> labels = exported.getOrDefault(selector.group(1), Set.of());
            for (MatchResult label :
                    MATCHER.matcher(selector.group(2)).results().toList()) {
                if (!labels.contains(label.group(1)) && !TARGET_LABELS.contains(label.group(1))) {
                    problems.add(selector.group(1) + " has no label " + label.group(1));
                }
            }
        }
        text = text.replaceAll("\\{[^}]*}", "").replaceAll("\\boffset\\s+\\w+", "");
        Matcher groupings = GROUPING.matcher(text);
        String names = groupings.replaceAll(" ");
        for (MatchResult match : NAME.matcher(names).results().toList()) {
            String name = match.group();
            if (exported.containsKey(name)) {
                known.addAll(exported.get(name));
            } else if (!WORDS.contains(name) && !OF_PROMETHEUS.contains(name)) {
                problems.add(name + " is not exported");
            }
        }
        for (MatchResult grouping : GROUPING.matcher(text).results().toList()) {
            for (String label : grouping.group(1).strip().split("\\s*,\\s*")) {
                if (!label.isEmpty() && !known.contains(label)) {
                    problems.add("none of its metrics has the label " + label);
                }
            }
        }
        return problems;
    }
}
