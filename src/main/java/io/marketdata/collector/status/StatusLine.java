package io.marketdata.collector.status;

import io.marketdata.collector.health.Health.Reason;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.UploadMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the collector is, in one line for people: {@code ok, BTCUSDT last trade 0.2 s ago, 3 parts wait, 1.2 MB}. */
final class StatusLine {

    /** Of more symbols only the one that has been silent for longest is named. */
    private static final int NAMED = 3;

    private StatusLine() {}

    /** @param report as old as it may be: ages are told as it saw them */
    static String of(Report report, SpoolMetrics spool, UploadMetrics upload) {
        return how(report) + ", " + symbols(report)
                + String.format(
                        Locale.ROOT,
                        ", %d parts wait, %.1f MB",
                        (long) upload.backlogParts.get(),
                        spool.spoolBytes.get() / 1e6);
    }

    private static String how(Report report) {
        return report.reasons().stream()
                .max(Comparator.comparing(Reason::severity))
                .map(worst -> report.status().label() + " (" + worst.code() + ": " + LogText.of(worst.text()) + ")"
                        + (report.reasons().size() == 1
                                ? ""
                                : " and " + (report.reasons().size() - 1) + " more"))
                .orElse(report.status().label());
    }

    private static String symbols(Report report) {
        List<SymbolState> symbols = report.symbols();
        if (symbols.size() <= NAMED) {
            return symbols.stream().map(symbol -> said(symbol, report)).collect(Collectors.joining(", "));
        }
        SymbolState silent = symbols.stream()
                .max(Comparator.comparingLong(symbol -> report.atNanos() - symbol.tradedNanos()))
                .orElseThrow();
        return symbols.size() + " symbols, longest without a trade: " + said(silent, report);
    }

    private static String said(SymbolState symbol, Report report) {
        return symbol.lastTradeId() < 0
                ? symbol.symbol() + " no trade yet"
                : String.format(
                        Locale.ROOT,
                        "%s last trade %.1f s ago",
                        symbol.symbol(),
                        Math.max(0, report.atNanos() - symbol.tradedNanos()) / 1e9);
    }
}
