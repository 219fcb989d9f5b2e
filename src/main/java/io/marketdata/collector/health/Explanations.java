package io.marketdata.collector.health;

import io.marketdata.collector.health.Health.Reason;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which reason explains which, so that one cause is one problem, and where docs/RUNBOOK.md treats each reason. A reason that
 * explains another one of the same report is never itself explained there by a third.
 */
final class Explanations {

    private static final String RUNBOOK = "docs/RUNBOOK.md#";

    /** For each code the codes that explain it; the first one that is reported counts. */
    private static final Map<String, List<String>> CAUSES = Map.ofEntries(
            Map.entry("stale", List.of("disconnected")),
            Map.entry("lag", List.of("disconnected")),
            Map.entry("rest_failing", List.of("disconnected")),
            Map.entry("gaps_open", List.of("disconnected", "rest_failing", "rest_weight", "stale")),
            Map.entry("trades_doubted", List.of("sequence_reset")),
            Map.entry("uploads_stalled", List.of("uploads_refused", "uploads_failing")),
            Map.entry("backlog", List.of("uploads_refused", "uploads_failing", "uploads_stalled")),
            Map.entry("unparsed_not_uploaded", List.of("uploads_refused", "uploads_failing")),
            Map.entry("spool_full", List.of("uploads_refused", "uploads_failing")),
            Map.entry(
                    "spool_filling",
                    List.of("uploads_refused", "uploads_failing", "uploads_stalled", "spool_full", "not_deleted")));

    /** For each code its heading in docs/RUNBOOK.md, as an anchor. */
    private static final Map<String, String> HEADINGS = Map.ofEntries(
            Map.entry("fault", "collector-down"),
            Map.entry("unjudged", "collector-down"),
            Map.entry("disconnected", "disconnected"),
            Map.entry("redundancy_reduced", "disconnected"),
            Map.entry("symbol_unknown", "symbol-unknown"),
            Map.entry("stale", "instance-stale"),
            Map.entry("lag", "delay"),
            Map.entry("gaps_open", "gaps-open"),
            Map.entry("gaps_unrecoverable", "gaps-unrecoverable"),
            Map.entry("trades_contradict", "trades-not-believed"),
            Map.entry("trades_doubted", "trades-not-believed"),
            Map.entry("sequence_reset", "trades-not-believed"),
            Map.entry("frames_unparsed", "frames-unparsed"),
            Map.entry("unparsed_not_uploaded", "frames-unparsed"),
            Map.entry("rest_failing", "rest-refused"),
            Map.entry("rest_weight", "rest-refused"),
            Map.entry("clock_off", "clock"),
            Map.entry("spool_full", "spool-full"),
            Map.entry("spool_filling", "spool-full"),
            Map.entry("not_deleted", "spool-full"),
            Map.entry("uploads_refused", "uploads-refused"),
            Map.entry("uploads_failing", "uploads-stopped"),
            Map.entry("uploads_stalled", "uploads-stopped"),
            Map.entry("backlog", "uploads-stopped"),
            Map.entry("name_taken", "name-collision"),
            Map.entry("quarantined", "lines-quarantined"));

    private Explanations() {}

    /** The same reasons, each with the code that explains it. */
    static List<Reason> explained(List<Reason> reasons) {
        return reasons.stream()
                .map(reason -> reason.withCause(causeOf(reason, reasons)))
                .toList();
    }

    private static @Nullable String causeOf(Reason reason, List<Reason> reasons) {
        return CAUSES.getOrDefault(reason.code(), List.of()).stream()
                .filter(code ->
                        reasons.stream().anyMatch(other -> other.code().equals(code) && concerns(other, reason)))
                .findFirst()
                .orElse(null);
    }

    private static boolean concerns(Reason cause, Reason reason) {
        return cause.symbol() == null || cause.symbol().equals(reason.symbol());
    }

    /** File and heading; the list of all codes for a code without a heading of its own. */
    static String runbook(String code) {
        return RUNBOOK + HEADINGS.getOrDefault(code, "health");
    }
}
