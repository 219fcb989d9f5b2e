package io.marketdata.collector.status;

import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.Status;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.UploadMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The collector's state in one line: {@code ok, BTCUSDT last trade 0.2 s ago, backlog 3 parts, spool 1.2 MB}. */
final class StatusLine {

    /** With more symbols only the one with the oldest last trade is named. */
    private static final int NAMED = 3;

    private StatusLine() {}

    /** @param report ages refer to its time, however old it is */
    static String of(Report report, SpoolMetrics spool, UploadMetrics upload) {
        return state(report) + ", " + symbols(report) + ", backlog "
                + LogText.count((long) upload.backlogParts.get(), "part")
                + String.format(Locale.ROOT, ", spool %.1f MB", spool.spoolBytes.get() / 1e6);
    }

    /** Names the cause of the worst reason; what it explains is not counted as more. */
    private static String state(Report report) {
        List<Reason> causes = report.causes();
        return causes.stream()
                .max(Comparator.comparing(cause -> severity(cause, report)))
                .map(worst -> report.status().label() + " (" + worst.code() + ": " + LogText.of(worst.text()) + ")"
                        + (causes.size() == 1 ? "" : " and " + (causes.size() - 1) + " more"))
                .orElse(report.status().label());
    }

    private static Status severity(Reason cause, Report report) {
        return Stream.concat(Stream.of(cause), report.explainedBy(cause).stream())
                .map(Reason::severity)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static String symbols(Report report) {
        List<SymbolState> symbols = report.symbols();
        if (symbols.size() <= NAMED) {
            return symbols.stream().map(symbol -> lastTrade(symbol, report)).collect(Collectors.joining(", "));
        }
        SymbolState oldest = symbols.stream()
                .max(Comparator.comparingLong(symbol -> report.atNanos() - symbol.tradedNanos()))
                .orElseThrow();
        return symbols.size() + " symbols, longest without a trade: " + lastTrade(oldest, report);
    }

    private static String lastTrade(SymbolState symbol, Report report) {
        double age = Math.max(0, report.atNanos() - symbol.tradedNanos()) / 1e9;
        return symbol.symbol()
                + (symbol.lastTradeId() < 0
                        ? " no trade yet"
                        : String.format(Locale.ROOT, " last trade %.1f s ago", age));
    }
}
