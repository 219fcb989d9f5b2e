package io.marketdata.collector.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The REST server of the exchange simulator, with the same trades as the streams: {@code /api/v3/ping}, {@code time}, {@code
 * exchangeInfo}, {@code trades} and {@code historicalTrades}, with their weights, limits and error bodies (Binance
 * rest-api.md, 2026-07).
 */
final class RestServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_ROWS = 500;
    private static final int MAX_ROWS = 1_000;

    private final HttpServer server;
    private final Map<String, TradeHistory> histories = new LinkedHashMap<>();
    private final RestFaults faults;
    private final Time time;
    private final RequestWeight weight;
    private final Map<String, Long> requests = new ConcurrentHashMap<>();
    private final CountDownLatch closing = new CountDownLatch(1);

    /** The request is answered with an error body. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final transient Page page;

        Refused(Page page) {
            super(page.body());
            this.page = page;
        }

        Refused(int code, String message) {
            this(Page.json(400, code, message));
        }
    }

    RestServer(int port, Map<Symbol, TradeHistory> histories, ThreadFactory threads, Time time) throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        histories.forEach((symbol, history) -> this.histories.put(symbol.value(), history));
        this.faults = new RestFaults(histories, time);
        this.time = time;
        this.weight = new RequestWeight(time);
        server.setExecutor(task -> threads.newThread(task).start());
        server.createContext("/", this::serve);
    }

    int port() {
        return server.getAddress().getPort();
    }

    void start() {
        server.start();
    }

    RestFaults faults() {
        return faults;
    }

    /** Number of requests by path, including refused ones. */
    Map<String, Long> requests() {
        return new TreeMap<>(requests);
    }

    int usedWeight() {
        return weight.used();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.merge(path, 1L, Long::sum);
            RequestWeight.Verdict verdict = weight.spend(weightOf(path));
            exchange.getResponseHeaders().set("X-MBX-USED-WEIGHT", Integer.toString(verdict.used()));
            exchange.getResponseHeaders().set("X-MBX-USED-WEIGHT-1M", Integer.toString(verdict.used()));
            if (verdict.status() != 200) {
                retryAfter(exchange, verdict.retryAfterSeconds());
                String reason = verdict.status() == 418 ? Page.banned(verdict.bannedUntilMs()) : Page.TOO_MUCH;
                Page.json(verdict.status(), -1003, reason).sendTo(exchange, false);
            } else {
                answer(exchange, path, faults.take(path));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, String path, Fault.@Nullable OfRequests fault)
            throws IOException, InterruptedException {
        if (fault instanceof Fault.RestStatus status) {
            if (status.retryAfter() != null) {
                retryAfter(exchange, status.retryAfter().toSeconds());
            }
            Page.of(status.status(), status.retryAfter(), time.epochMillis()).sendTo(exchange, false);
        } else if (fault instanceof Fault.RestHang hang) {
            closing.await(hang.hold().toNanos(), TimeUnit.NANOSECONDS);
        } else {
            long idsAhead = fault instanceof Fault.RestLie lie ? lie.idsAhead() : 0;
            page(path, exchange, idsAhead).sendTo(exchange, fault instanceof Fault.RestTruncate);
        }
    }

    private static void retryAfter(HttpExchange exchange, long seconds) {
        exchange.getResponseHeaders().set("Retry-After", Long.toString(seconds));
    }

    private Page page(String path, HttpExchange exchange, long idsAhead) {
        try {
            String body = body(path, parameters(exchange.getRequestURI().getRawQuery()), idsAhead);
            return new Page(200, Page.JSON_TYPE, body);
        } catch (Refused e) {
            return e.page;
        }
    }

    /** Weights since 2024-04-04 (CHANGELOG of that day). */
    private static int weightOf(String path) {
        return switch (path) {
            case "/api/v3/trades", "/api/v3/historicalTrades" -> 25;
            case "/api/v3/exchangeInfo" -> 20;
            case "/api/v3/aggTrades" -> 4;
            default -> 1;
        };
    }

    private String body(String path, Map<String, String> parameters, long idsAhead) throws Refused {
        return switch (path) {
            case "/api/v3/ping" -> "{}";
            case "/api/v3/time" ->
                JSON.createObjectNode().put("serverTime", time.epochMillis()).toString();
            case "/api/v3/exchangeInfo" -> exchangeInfo(wanted(parameters));
            case "/api/v3/trades" -> rows(history(parameters).newest(limit(parameters)), idsAhead);
            case "/api/v3/historicalTrades" -> rows(historical(parameters), idsAhead);
            case "/api/v3/aggTrades" -> aggregates(parameters);
            default -> throw new Refused(Page.of(404, null, 0));
        };
    }

    /** Every trade is an aggregate of its own. */
    private String aggregates(Map<String, String> parameters) throws Refused {
        TradeHistory history = history(parameters);
        String startTime = parameters.get("startTime");
        List<Tick> ticks = startTime == null
                ? history.newest(limit(parameters))
                : history.since(number("startTime", startTime), limit(parameters));
        ArrayNode rows = JSON.createArrayNode();
        for (Tick tick : ticks) {
            rows.addObject()
                    .put("a", tick.id())
                    .put("p", tick.price())
                    .put("q", tick.quantity())
                    .put("f", tick.id())
                    .put("l", tick.id())
                    .put("T", tick.tradeTimeMs())
                    .put("m", tick.buyerIsMaker())
                    .put("M", true);
        }
        return rows.toString();
    }

    private List<Tick> historical(Map<String, String> parameters) throws Refused {
        if (faults.isDataOnly()) {
            throw new Refused(Page.of(404, null, 0));
        }
        TradeHistory history = history(parameters);
        String fromId = parameters.get("fromId");
        long until = faults.historyUntilNanos();
        return fromId == null
                ? history.newest(limit(parameters), until)
                : history.fromId(number("fromId", fromId), limit(parameters), until);
    }

    /** The symbols named by the parameter {@code symbol} or {@code symbols}; all if there is neither. */
    private Collection<String> wanted(Map<String, String> parameters) throws Refused {
        String one = parameters.get("symbol");
        String several = parameters.get("symbols");
        if (one != null && several != null) {
            throw new Refused(-1128, "Combination of optional parameters invalid.");
        }
        Collection<String> wanted = one != null ? List.of(one) : several != null ? names(several) : histories.keySet();
        if (!histories.keySet().containsAll(wanted)) {
            throw new Refused(-1121, "Invalid symbol.");
        }
        return wanted;
    }

    private static List<String> names(String json) throws Refused {
        List<String> names = new ArrayList<>();
        try {
            JsonNode array = JSON.readTree(json);
            if (array.isArray()) {
                array.forEach(name -> names.add(name.asText()));
            }
        } catch (JsonProcessingException e) {
            throw illegal("symbols");
        }
        if (names.isEmpty()) {
            throw illegal("symbols");
        }
        return names;
    }

    private String exchangeInfo(Collection<String> wanted) {
        ObjectNode info = JSON.createObjectNode().put("timezone", "UTC").put("serverTime", time.epochMillis());
        ObjectNode limit = info.putArray("rateLimits").addObject().put("rateLimitType", "REQUEST_WEIGHT");
        limit.put("interval", "MINUTE").put("intervalNum", 1).put("limit", RequestWeight.LIMIT);
        ArrayNode symbols = info.putArray("symbols");
        wanted.forEach(symbol -> symbols.addObject().put("symbol", symbol).put("status", "TRADING"));
        return info.toString();
    }

    private TradeHistory history(Map<String, String> parameters) throws Refused {
        String symbol = parameters.get("symbol");
        if (symbol == null || symbol.isEmpty()) {
            throw new Refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
        }
        TradeHistory history = histories.get(symbol);
        if (history == null) {
            throw new Refused(-1121, "Invalid symbol.");
        }
        return history;
    }

    private static int limit(Map<String, String> parameters) throws Refused {
        String limit = parameters.get("limit");
        return limit == null ? DEFAULT_ROWS : (int) Math.min(MAX_ROWS, number("limit", limit));
    }

    private static long number(String name, String text) throws Refused {
        try {
            long value = Long.parseLong(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw illegal(name);
    }

    private static Refused illegal(String parameter) {
        return new Refused(-1100, "Illegal characters found in parameter '" + parameter + "'.");
    }

    private static String rows(List<Tick> ticks, long idsAhead) {
        ArrayNode rows = JSON.createArrayNode();
        for (Tick tick : ticks) {
            // Truncated, not rounded, as in all of 4,037 rows from the exchange.
            BigDecimal quote = new BigDecimal(tick.price())
                    .multiply(new BigDecimal(tick.quantity()))
                    .setScale(8, RoundingMode.DOWN);
            rows.addObject()
                    .put("id", Math.max(0, tick.id() + idsAhead))
                    .put("price", tick.price())
                    .put("qty", tick.quantity())
                    .put("quoteQty", quote.toPlainString())
                    .put("time", tick.tradeTimeMs())
                    .put("isBuyerMaker", tick.buyerIsMaker())
                    .put("isBestMatch", true);
        }
        return rows.toString();
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : (query == null ? "" : query).split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                parameters.put(pair.substring(0, equals), value);
            }
        }
        return parameters;
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
