package io.marketdata.collector.doctor;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.doctor.Finding.Level;
import io.marketdata.collector.feed.ConnectionProbe;
import io.marketdata.collector.feed.LocationRefusedException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RestException;
import io.marketdata.collector.rest.RestTrade;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Checks whether the exchange can be recorded from here: WebSocket servers, REST, clock, symbols and their trade rates.
 * Sends each of the collector's requests once. One thread; in the order of the methods, because later ones use the results
 * of earlier ones.
 */
public final class ExchangeChecks {

    /** Symbols whose rate is measured; more would use weight that a collector on this IP address needs. */
    private static final int SYMBOLS_FOR_RATE = 20;

    private static final long CLOCK_WARN_MS = 500;
    private static final long CLOCK_FAIL_MS = 5_000;

    // Measured on 19,904 real trades of BTCUSDT (2024-08-08, 650 s) as they are written, recv_us included, at gzip
    // level 6: 162.5 bytes per line; 294 bytes per part plus 14.5 per trade in parts of 5 s, 15.5 per trade in parts of
    // 60 s; 9.9 times smaller on average.
    private static final int LINE_BYTES = 163;
    private static final int PART_BYTES = 300;
    private static final int TRADE_BYTES = 15;

    private final Settings settings;
    private final ConnectionProbe connections;
    private final BinanceRest rest;
    private final Time time;

    private boolean restAnswers;
    private long offsetMs;
    private List<Symbol> known = List.of();

    public ExchangeChecks(Settings settings, ConnectionProbe connections, BinanceRest rest, Time time) {
        this.settings = settings;
        this.connections = connections;
        this.rest = rest;
        this.time = time;
    }

    /** Every server that the collector may connect to. A failing one is only a warning while another one works. */
    public List<Finding> servers() throws InterruptedException {
        Map<URI, ConnectionProbe.Answer> answers = new LinkedHashMap<>();
        for (URI url : settings.feed().urls()) {
            answers.put(url, connections.ask(url));
        }
        boolean allRefuse = answers.values().stream().allMatch(answer -> answer.status() == 451);
        boolean works = answers.values().stream().anyMatch(ConnectionProbe.Answer::connected);
        URI fallback = settings.feed().fallbackUrl();
        if (fallback != null) {
            answers.put(fallback, connections.ask(fallback));
            // Used only when all others refuse this location.
            works |= allRefuse && answers.get(fallback).connected();
        }
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<URI, ConnectionProbe.Answer> each : answers.entrySet()) {
            findings.add(server(each.getKey(), each.getValue(), works));
        }
        return findings;
    }

    private static Finding server(URI url, ConnectionProbe.Answer answer, boolean another) {
        if (answer.connected()) {
            return Finding.ok("stream", url + " answered in " + answer.took().toMillis() + " ms");
        }
        String detail = url + ": " + answer.reason() + (another ? "; the collector uses another server" : "");
        return new Finding(another ? Level.WARN : Level.FAIL, "stream", detail, remedy(answer));
    }

    /** Binance web-socket-streams.md, 2026-06-09, and rest-api.md, 2026-07, "HTTP Return Codes". */
    private static String remedy(ConnectionProbe.Answer answer) {
        String pause = answer.retryAfterSeconds() > 0
                ? answer.retryAfterSeconds() + " s"
                : answer.status() == 418 ? "2 minutes to 3 days" : "5 minutes";
        return switch (answer.status()) {
            case 451 -> LocationRefusedException.REMEDY;
            case 429 -> "too many connections from this IP address: find out what else uses it, and wait " + pause;
            case 418 ->
                "this IP address is banned because it kept sending after HTTP 429: stop what sends, and wait " + pause;
            case 403 ->
                "the exchange's firewall blocks this IP address: make sure that no proxy is in between, and wait "
                        + pause;
            case 0 ->
                "check that this machine can connect to that host and port (name server, firewall, proxy; for TLS also"
                        + " clock and certificate); wss://stream.binance.com:443 serves the same streams";
            default ->
                answer.status() >= 500
                        ? "the exchange has a problem: run doctor again later"
                        : "set WS_URL to the exchange's address for market streams";
        };
    }

    /** REST, and against its time the clock of this machine. */
    public List<Finding> restAndClock() throws InterruptedException {
        long before;
        long after;
        long theirs;
        try {
            rest.serverTimeMs(); // opens the connection; the next one measures
            before = time.epochMillis();
            theirs = rest.serverTimeMs();
            after = time.epochMillis();
        } catch (RestException e) {
            return List.of(failed(Level.FAIL, "rest", e, "Without REST no gap is backfilled"));
        }
        restAnswers = true;
        offsetMs = (before + after) / 2 - theirs;
        return List.of(
                Finding.ok("rest", settings.rest().url() + " answered in " + (after - before) + " ms"),
                clock(offsetMs, (after - before + 1) / 2));
    }

    /**
     * @param offset how far this machine is ahead of the exchange, ms
     * @param doubt half of the round trip, ms: this much may be the network's
     */
    static Finding clock(long offset, long doubt) {
        String detail = Math.abs(offset) + " ms " + (offset < 0 ? "behind" : "ahead of")
                + " the exchange's, give or take " + doubt + " ms";
        String remedy =
                "synchronise it with chrony or another NTP client: chronyc tracking, or timedatectl set-ntp true";
        long sure = Math.abs(offset) - doubt;
        if (sure >= CLOCK_FAIL_MS) {
            return Finding.fail(
                    "clock", detail + "; recv_us would be wrong, and S3 refuses requests from 15 minutes on", remedy);
        }
        return sure >= CLOCK_WARN_MS ? Finding.warn("clock", detail, remedy) : Finding.ok("clock", detail);
    }

    /** Splits a message as {@link RestException} words it: what happened; after the last semicolon what to do. */
    private static Finding failed(Level level, String what, RestException e, String consequence) {
        String message = String.valueOf(e.getMessage());
        int at = message.lastIndexOf("; ");
        String detail = at < 0 ? message : message.substring(0, at);
        String remedy = at < 0 ? "run doctor again" : message.substring(at + 2);
        return new Finding(level, what, detail, remedy + ". " + consequence);
    }

    /** Whether the exchange knows the symbols. */
    public List<Finding> symbols() throws InterruptedException {
        if (!restAnswers) {
            return List.of(unknownBecauseOfRest("symbols"));
        }
        Map<Symbol, String> status;
        try {
            status = rest.status(settings.symbols());
        } catch (RestException e) {
            return List.of(failed(Level.WARN, "symbols", e, "The collector would start without this check"));
        }
        known = where(status, state -> !state.equals(BinanceRest.UNKNOWN));
        List<Symbol> unknown = where(status, state -> state.equals(BinanceRest.UNKNOWN));
        List<Finding> findings = new ArrayList<>();
        if (!unknown.isEmpty()) {
            findings.add(Finding.fail(
                    "symbols",
                    "the exchange does not know " + names(unknown) + "; the collector would record the others, and"
                            + " exit with " + ExitCode.CONFIG.code() + " if there are none",
                    "correct SYMBOL: symbols of the spot market, for example BTCUSDT"));
        }
        known.stream()
                .filter(symbol -> !"TRADING".equals(status.get(symbol)))
                .forEach(symbol -> findings.add(Finding.warn(
                        "symbols",
                        symbol + " is not trading now, its status is " + status.get(symbol),
                        "nothing, if you expect it to trade again; otherwise remove it from SYMBOL")));
        if (findings.isEmpty()) {
            findings.add(Finding.ok("symbols", names(known) + (known.size() == 1 ? " is" : " are") + " traded"));
        }
        return findings;
    }

    private static Finding unknownBecauseOfRest(String what) {
        return Finding.warn(what, "not known, because REST did not answer", "fix REST and run doctor again");
    }

    private static List<Symbol> where(Map<Symbol, String> status, Predicate<String> wanted) {
        return status.entrySet().stream()
                .filter(each -> wanted.test(each.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static String names(List<Symbol> symbols) {
        return symbols.stream().map(Symbol::value).collect(Collectors.joining(", "));
    }

    /** Whether REST serves old trades, from which gaps are filled; the market-data-only hosts do not. */
    public List<Finding> oldTrades() throws InterruptedException {
        if (!restAnswers || known.isEmpty()) {
            return List.of(); // reported above
        }
        try {
            rest.from(known.get(0), 0, 1);
        } catch (RestException e) {
            String consequence =
                    "Without old trades only gaps among the newest " + BinanceRest.MAX_ROWS + " can be filled";
            return List.of(failed(Level.WARN, "backfill", e, consequence));
        }
        return List.of(Finding.ok("backfill", "old trades are served, gaps can be filled"));
    }

    /**
     * How long the bucket may be unreachable at the current trade rate.
     *
     * @param room bytes that the spool may still take
     * @param wanted a shorter time is a warning
     */
    public List<Finding> outage(long room, Duration wanted) throws InterruptedException {
        if (!restAnswers || known.isEmpty()) {
            return List.of(Finding.warn(
                    "outage",
                    "not known, because the trade rate is not known",
                    "fix what was found above and run doctor again"));
        }
        List<Double> rates = new ArrayList<>();
        try {
            for (Symbol symbol : known.subList(0, Math.min(known.size(), SYMBOLS_FOR_RATE))) {
                rates.add(perSecond(rest.newest(symbol, BinanceRest.MAX_ROWS)));
            }
        } catch (RestException e) {
            if (rates.isEmpty()) {
                return List.of(failed(Level.WARN, "outage", e, "The trade rate is not known"));
            }
        }
        double seen = rates.stream().mapToDouble(rate -> rate).sum();
        double all = (double) settings.symbols().size() / rates.size();
        Duration age = settings.spool().rotateAge();
        double bytesPerSecond = all
                * rates.stream().mapToDouble(rate -> bytesPerSecond(rate, age)).sum();
        return List.of(outage(room, seen * all, bytesPerSecond, rates.size(), wanted));
    }

    private Finding outage(long room, double rate, double bytesPerSecond, int measured, Duration wanted) {
        double hours = bytesPerSecond <= 0 ? Double.POSITIVE_INFINITY : (double) room / bytesPerSecond / 3_600;
        int symbols = settings.symbols().size();
        String of = measured == symbols ? "" : " for " + measured + " of " + symbols + " symbols";
        double gzip = (double) LINE_BYTES / TRADE_BYTES;
        String detail = String.format(Locale.ROOT, "spool %.1f GiB = about ", (double) room / (1 << 30)) + hours(hours)
                + String.format(Locale.ROOT, " at the current %.1f trades/s, ", rate) + hours(hours / 10)
                + " at ten times that (measured" + of + "; " + LINE_BYTES
                + String.format(Locale.ROOT, " bytes per line, gzip %.0f:1 in full parts)", gzip);
        double wantedHours = (double) wanted.toMinutes() / 60;
        if (hours < wantedHours) {
            return Finding.warn(
                    "outage",
                    detail + "; --outage asks for " + hours(wantedHours),
                    "use a larger disk and raise spool.max_bytes, or raise ROT_SECS: larger parts compress better");
        }
        return Finding.ok("outage", detail);
    }

    private static String hours(double hours) {
        if (hours > 87_600) {
            return "more than 10 years";
        }
        return String.format(Locale.ROOT, hours < 10 ? "%.1f h" : "%.0f h", hours);
    }

    /** Counted up to now, because a quiet symbol's last trade may be long ago. */
    private double perSecond(List<RestTrade> newest) {
        if (newest.size() < 2) {
            return 0;
        }
        long now = Math.max(newest.get(newest.size() - 1).timeMs(), time.epochMillis() - offsetMs);
        long ms = Math.max(1, now - newest.get(0).timeMs());
        return 1_000.0 * newest.size() / (double) ms;
    }

    /** Bytes per second that a symbol's packed parts take on the disk. */
    static double bytesPerSecond(double tradesPerSecond, Duration rotateAge) {
        double parts = Math.min(tradesPerSecond, 1.0 / (double) rotateAge.toSeconds());
        return PART_BYTES * parts + TRADE_BYTES * tradesPerSecond;
    }
}
