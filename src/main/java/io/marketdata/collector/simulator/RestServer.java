package io.marketdata.collector.simulator;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The REST side of the fake exchange, from the same tape: {@code /api/v3/ping}, {@code time}, {@code exchangeInfo},
 * {@code trades} and {@code historicalTrades}, with their weights, limits and error bodies (Binance rest-api.md, 2026-07).
 */
final class RestServer implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_ROWS = 500;
    private static final int MAX_ROWS = 1_000;

    private final HttpServer server;
    private final Map<Symbol, TradeHistory> histories;
    private final Time time;
    private final RequestWeight weight;

    /** A request that is answered with an error body. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final int code;

        Refused(int code, String message) {
            super(message);
            this.code = code;
        }
    }

    RestServer(int port, Map<Symbol, TradeHistory> histories, ThreadFactory threads, Time time) throws IOException {
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
        this.histories = Map.copyOf(histories);
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

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            RequestWeight.Verdict verdict = weight.spend(weightOf(path));
            exchange.getResponseHeaders().set("X-MBX-USED-WEIGHT", Integer.toString(verdict.used()));
            exchange.getResponseHeaders().set("X-MBX-USED-WEIGHT-1M", Integer.toString(verdict.used()));
            if (verdict.status() != 200) {
                exchange.getResponseHeaders().set("Retry-After", Long.toString(verdict.retryAfterSeconds()));
                answer(exchange, verdict.status(), error(-1003, tooMuch(verdict)));
                return;
            }
            try {
                answer(
                        exchange,
                        200,
                        body(path, parameters(exchange.getRequestURI().getRawQuery())));
            } catch (Refused e) {
                answer(exchange, e.code == -1 ? 404 : 400, error(e.code, String.valueOf(e.getMessage())));
            }
        }
    }

    private static String tooMuch(RequestWeight.Verdict verdict) {
        return verdict.status() == 418
                ? "Way too much request weight used; IP banned until " + verdict.bannedUntilMs()
                        + ". Please use WebSocket Streams for live updates to avoid bans."
                : "Too much request weight used; current limit is " + RequestWeight.LIMIT
                        + " request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling"
                        + " the API.";
    }

    /** Weights of 2024-04-04 (CHANGELOG of that day). */
    private static int weightOf(String path) {
        return switch (path) {
            case "/api/v3/trades", "/api/v3/historicalTrades" -> 25;
            case "/api/v3/exchangeInfo" -> 20;
            default -> 1;
        };
    }

    private String body(String path, Map<String, String> parameters) throws Refused {
        return switch (path) {
            case "/api/v3/ping" -> "{}";
            case "/api/v3/time" ->
                JSON.createObjectNode().put("serverTime", time.epochMillis()).toString();
            case "/api/v3/exchangeInfo" -> exchangeInfo(parameters.get("symbol"));
            case "/api/v3/trades" -> rows(history(parameters).newest(limit(parameters)));
            case "/api/v3/historicalTrades" -> {
                TradeHistory history = history(parameters);
                String fromId = parameters.get("fromId");
                yield rows(
                        fromId == null
                                ? history.newest(limit(parameters))
                                : history.fromId(number("fromId", fromId), limit(parameters)));
            }
            default -> throw new Refused(-1, "no such path");
        };
    }

    private String exchangeInfo(@Nullable String wanted) throws Refused {
        ObjectNode info = JSON.createObjectNode().put("timezone", "UTC").put("serverTime", time.epochMillis());
        info.putArray("rateLimits")
                .addObject()
                .put("rateLimitType", "REQUEST_WEIGHT")
                .put("interval", "MINUTE")
                .put("intervalNum", 1)
                .put("limit", RequestWeight.LIMIT);
        ArrayNode symbols = info.putArray("symbols");
        for (Symbol symbol : histories.keySet()) {
            if (wanted == null || symbol.value().equals(wanted)) {
                symbols.addObject().put("symbol", symbol.value()).put("status", "TRADING");
            }
        }
        if (wanted != null && symbols.isEmpty()) {
            throw new Refused(-1121, "Invalid symbol.");
        }
        return info.toString();
    }

    private TradeHistory history(Map<String, String> parameters) throws Refused {
        String symbol = parameters.get("symbol");
        if (symbol == null || symbol.isEmpty()) {
            throw new Refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
        }
        for (Map.Entry<Symbol, TradeHistory> entry : histories.entrySet()) {
            if (entry.getKey().value().equals(symbol)) {
                return entry.getValue();
            }
        }
        throw new Refused(-1121, "Invalid symbol.");
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
            // answered below
        }
        throw new Refused(-1100, "Illegal characters found in parameter '" + name + "'.");
    }

    private static String rows(List<Tick> ticks) {
        ArrayNode rows = JSON.createArrayNode();
        for (Tick tick : ticks) {
            // Cut off, not rounded: so in all of 4,037 real rows.
            BigDecimal quote = new BigDecimal(tick.price())
                    .multiply(new BigDecimal(tick.quantity()))
                    .setScale(8, RoundingMode.DOWN);
            rows.addObject()
                    .put("id", tick.id())
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
                parameters.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    private static String error(int code, String message) {
        return JSON.createObjectNode().put("code", code).put("msg", message).toString();
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json;charset=UTF-8");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
