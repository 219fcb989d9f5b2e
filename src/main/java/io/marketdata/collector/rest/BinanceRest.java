package io.marketdata.collector.rest;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.RestException.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends the REST requests that the collector needs. {@link RequestBudget} must allow each request, and each answer
 * decides when the next may be sent; no method here waits for that, or retries.
 *
 * <p>Any thread; a call takes at most the time-out.
 */
public final class BinanceRest {

    /** Status of a symbol that the exchange does not know. */
    public static final String UNKNOWN = "UNKNOWN";

    /** The exchange's own time-out is 10 s (Binance errors.md, 2026-07, -1007). */
    public static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** Maximum rows of a page (Binance rest-api.md, 2026-07). */
    public static final int MAX_ROWS = 1_000;

    private static final int SYMBOLS_AT_ONCE = 100;
    private static final int INVALID_SYMBOL = -1121;
    private static final Pattern BANNED_UNTIL = Pattern.compile("banned until ([0-9]{13})\\b");

    private final URI base;
    private final @Nullable String apiKey;
    private final Transport transport;
    private final Duration timeout;
    private final Time time;
    private final RequestBudget budget;
    private final RestMetrics metrics;

    /**
     * @param base scheme, host and port, for example {@code https://api.binance.com}
     * @param apiKey sent with requests for old trades only; not needed since 2023-07-11 (CHANGELOG of that day)
     * @param timeout of one request, body included
     */
    public BinanceRest(
            URI base,
            @Nullable String apiKey,
            Transport transport,
            Duration timeout,
            Time time,
            RequestBudget budget,
            RestMetrics metrics) {
        this.base = base;
        this.apiKey = apiKey;
        this.transport = transport;
        this.timeout = timeout;
        this.time = time;
        this.budget = budget;
        this.metrics = metrics;
    }

    /** One request: path with query, its weight, and whether the API key is sent. */
    private record Request(String target, int weight, boolean keyed) {
        Request(String target, int weight) {
            this(target, weight, false);
        }

        @Override
        public String toString() {
            return "GET " + LogText.of(target);
        }
    }

    /** Reads the body of an answer with HTTP 200. */
    private interface Reader<T> {
        T read(String body) throws IOException;
    }

    public RequestBudget budget() {
        return budget;
    }

    /** The newest trades, in the order of the answer; from the exchange's memory, so up to date. */
    public List<RestTrade> newest(Symbol symbol, int limit) throws RestException, InterruptedException {
        String target = "/api/v3/trades?symbol=" + symbol.encoded() + "&limit=" + limit;
        return ask(new Request(target, Weights.TRADES), body -> RestJson.trades(body, limit));
    }

    /**
     * Trades from an id on, in the order of the answer; from the exchange's database, which may lag. For an id that is
     * no longer kept the page silently begins later (binance-public-data issue 376); the caller must check the first
     * id.
     */
    public List<RestTrade> from(Symbol symbol, long fromId, int limit) throws RestException, InterruptedException {
        String query = "?symbol=" + symbol.encoded() + "&fromId=" + fromId + "&limit=" + limit;
        Request request = new Request("/api/v3/historicalTrades" + query, Weights.HISTORICAL_TRADES, true);
        return ask(request, body -> RestJson.trades(body, limit));
    }

    /**
     * The id of the first trade at or after a time, ms since 1970 UTC; empty if there is none yet. From the aggregate trades
     * (Binance rest-api.md, 2026-07, "Compressed/Aggregate trades list"), whose {@code startTime} is inclusive and whose
     * {@code f} is an id of {@link #from}.
     */
    public OptionalLong firstIdSince(Symbol symbol, long epochMs) throws RestException, InterruptedException {
        String query = "?symbol=" + symbol.encoded() + "&startTime=" + epochMs + "&limit=1";
        Request request = new Request("/api/v3/aggTrades" + query, Weights.AGGREGATE_TRADES);
        return ask(request, body -> RestJson.firstOfAggregates(body, epochMs));
    }

    /** The exchange's clock, ms since 1970 UTC. */
    public long serverTimeMs() throws RestException, InterruptedException {
        return ask(new Request("/api/v3/time", Weights.TIME), RestJson::serverTime);
    }

    /**
     * The exchange's status of each symbol, for example {@code TRADING}, or {@link #UNKNOWN}. One unknown symbol makes
     * the exchange refuse the whole request without naming it, so unknown symbols are found by bisection.
     */
    public Map<Symbol, String> status(List<Symbol> symbols) throws RestException, InterruptedException {
        Map<Symbol, String> found = new TreeMap<>();
        for (int from = 0; from < symbols.size(); from += SYMBOLS_AT_ONCE) {
            find(symbols.subList(from, Math.min(symbols.size(), from + SYMBOLS_AT_ONCE)), found);
        }
        Map<Symbol, String> inOrder = new LinkedHashMap<>();
        symbols.forEach(symbol -> inOrder.put(symbol, found.getOrDefault(symbol, UNKNOWN)));
        return inOrder;
    }

    private void find(List<Symbol> symbols, Map<Symbol, String> found) throws RestException, InterruptedException {
        try {
            found.putAll(statusOf(symbols));
        } catch (RestException e) {
            if (e.exchangeCode() != INVALID_SYMBOL) {
                throw e;
            }
            if (symbols.size() == 1) {
                found.put(symbols.get(0), UNKNOWN);
                return;
            }
            find(symbols.subList(0, symbols.size() / 2), found);
            find(symbols.subList(symbols.size() / 2, symbols.size()), found);
        }
    }

    private Map<Symbol, String> statusOf(List<Symbol> symbols) throws RestException, InterruptedException {
        // ["A","B"], encoded: brackets and quotes are not allowed in a query.
        Collector<CharSequence, ?, String> list = Collectors.joining("%22%2C%22", "symbols=%5B%22", "%22%5D");
        String several = symbols.stream().map(Symbol::encoded).collect(list);
        String wanted = symbols.size() == 1 ? "symbol=" + symbols.get(0).encoded() : several;
        String target = "/api/v3/exchangeInfo?" + wanted + "&showPermissionSets=false";
        Set<String> names = symbols.stream().map(Symbol::value).collect(Collectors.toSet());
        return ask(new Request(target, Weights.EXCHANGE_INFO), body -> {
            Map<String, String> answered = RestJson.statuses(body, names);
            Map<Symbol, String> found = new TreeMap<>();
            for (Symbol symbol : symbols) {
                String status = answered.getOrDefault(symbol.value(), "");
                found.put(symbol, status.isEmpty() ? UNKNOWN : LogText.of(status));
            }
            // An answer without any of them is not the exchange's.
            if (answered.isEmpty()) {
                throw new RestJson.UnexpectedJsonException("no status of " + symbols.get(0));
            }
            return found;
        });
    }

    /** Sends a request and reads the answer. Whatever an answer causes, memory aside, it fails only this request. */
    private <T> T ask(Request request, Reader<T> reader) throws RestException, InterruptedException {
        String body = send(request);
        try {
            T answer = reader.read(body);
            metrics.requests.labelValues("ok").inc();
            return answer;
        } catch (RestJson.UnexpectedJsonException e) {
            throw unexpected(request, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw unexpected(request, "not JSON", e);
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw unexpected(request, LogText.of(e.toString()), e);
        }
    }

    /** The body of an answer with HTTP 200; throws for every other outcome, and reports it to the budget. */
    private String send(Request request) throws RestException, InterruptedException {
        if (!budget.spend(request.weight())) {
            String next = "; the next is allowed in " + held(request).toMillis() + " ms";
            throw failure(Kind.LIMITED, request, "was not sent: " + budget.reason() + next, 0, null);
        }
        Transport.Answer answer;
        try {
            Map<String, String> headers = apiKey != null && request.keyed() ? Map.of("X-MBX-APIKEY", apiKey) : Map.of();
            answer = transport.get(URI.create(base + request.target()), headers, timeout);
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            budget.failed();
            String why = LogText.of(String.valueOf(e.getMessage()));
            String remedy = "; this is temporary, or REST_URL " + base + " is unreachable from here";
            throw failure(Kind.UNAVAILABLE, request, "failed: " + why + remedy, 0, e);
        }
        reportUsedWeight(answer);
        if (answer.status() == 200) {
            budget.served();
            return answer.body();
        }
        throw refusal(request, answer);
    }

    /** An answer, possibly of a proxy on the way, may repeat the request; the API key must not get into a log. */
    private String withoutKey(String body) {
        return apiKey == null ? body : body.replace(apiKey, "(the API key)");
    }

    private RestException refusal(Request request, Transport.Answer answer) {
        int status = answer.status();
        int code = RestJson.code(answer.body());
        Kind kind;
        String remedy;
        if (status == 429 || status == 418) {
            budget.limited(status, demandedPause(answer));
            kind = Kind.LIMITED;
            remedy = "staying away for " + held(request).toSeconds() + " s, check what else uses this address";
        } else if (status == 403) {
            budget.blocked(status);
            kind = Kind.LIMITED;
            remedy = "staying away for " + held(request).toSeconds() + " s";
        } else if (status == 451) {
            budget.blocked(status);
            kind = Kind.REFUSED;
            remedy = "the exchange does not serve this location: run elsewhere, or check whether you may use REST_URL"
                    + " https://data-api.binance.vision";
        } else if (status == 401 || code == -2014 || code == -2015) {
            budget.blocked(status);
            kind = Kind.REFUSED;
            remedy = "the API key is not accepted: correct it, or leave it out, none is needed";
        } else if (status >= 500 || status == 408) {
            budget.failed();
            kind = Kind.UNAVAILABLE;
            remedy = "this is temporary";
        } else {
            budget.served();
            kind = Kind.INVALID;
            remedy = "check REST_URL and the symbols";
        }
        String answered = "was answered HTTP " + status + ": " + LogText.of(withoutKey(answer.body()));
        return failure(kind, request, answered + "; " + remedy, code, null);
    }

    private RestException unexpected(Request request, String what, @Nullable Throwable cause) {
        String remedy = "; check that REST_URL is the exchange's";
        return failure(Kind.INVALID, request, "had an unexpected answer (" + what + ")" + remedy, 0, cause);
    }

    private RestException failure(Kind kind, Request request, String what, int code, @Nullable Throwable cause) {
        metrics.requests.labelValues(kind.label()).inc();
        return new RestException(kind, request + " " + what, code, held(request), cause);
    }

    private Duration held(Request request) {
        return Duration.ofNanos(budget.waitNanos(request.weight(), 0));
    }

    private void reportUsedWeight(Transport.Answer answer) {
        @Nullable String header = answer.headers().get("x-mbx-used-weight-1m");
        if (header != null && header.matches("[0-9]{1,9}")) {
            int used = Integer.parseInt(header);
            metrics.usedWeight.set(used);
            budget.used(used);
        }
    }

    /**
     * How long the exchange demands no requests: {@code Retry-After}; otherwise until the end of the ban in the message,
     * by the exchange's clock; zero if the answer has neither.
     */
    private Duration demandedPause(Transport.Answer answer) {
        Map<String, String> headers = answer.headers();
        Duration demanded = Backoff.demanded(
                headers.getOrDefault("retry-after", ""), headers.getOrDefault("date", ""), time.epochMillis());
        if (!demanded.isZero()) {
            return demanded;
        }
        Matcher banned = BANNED_UNTIL.matcher(answer.body());
        if (banned.find()) {
            long serverMs = Backoff.httpDateMs(headers.getOrDefault("date", ""), time.epochMillis());
            return Duration.ofMillis(Long.parseLong(banned.group(1)) - serverMs);
        }
        return Duration.ZERO;
    }
}
