package io.marketdata.collector.rest;

import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Answers requests from a script, and remembers them with the time at which they were made. */
final class FakeTransport implements Transport {

    /** Chooses the answer to a request. */
    @FunctionalInterface
    interface Script {
        Answer answer(Request request) throws IOException;
    }

    /**
     * A request.
     *
     * @param path with the query, undecoded
     */
    record Request(long atNanos, long atEpochMs, String path, Map<String, String> headers) {

        boolean is(String endpoint) {
            return path.startsWith("/api/v3/" + endpoint + "?") || path.equals("/api/v3/" + endpoint);
        }

        String parameter(String name) {
            Map<String, String> parameters = new HashMap<>();
            for (String pair : path.substring(path.indexOf('?') + 1).split("&", -1)) {
                parameters.put(
                        pair.substring(0, pair.indexOf('=')),
                        URLDecoder.decode(pair.substring(pair.indexOf('=') + 1), StandardCharsets.UTF_8));
            }
            return parameters.get(name);
        }

        long number(String name) {
            return Long.parseLong(parameter(name));
        }

        int weight() {
            return is("exchangeInfo") ? 20 : is("time") ? 1 : 25;
        }
    }

    final List<Request> requests = new ArrayList<>();
    private final Time time;
    Script script;

    FakeTransport(Time time, Script script) {
        this.time = time;
        this.script = script;
    }

    @Override
    public Answer get(URI uri, Map<String, String> headers, Duration timeout) throws IOException {
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        Request request = new Request(time.nanoTime(), time.epochMillis(), uri.getRawPath() + query, headers);
        requests.add(request);
        return script.answer(request);
    }

    List<String> paths() {
        return requests.stream().map(Request::path).toList();
    }

    static Answer ok(String body) {
        return new Answer(200, Map.of(), body);
    }

    static Answer status(int status, String body) {
        return new Answer(status, Map.of(), body);
    }

    /** Rows with consecutive ids. */
    static Answer rows(long first, long last) {
        return ok(LongStream.rangeClosed(first, last)
                .mapToObj(FakeTransport::row)
                .collect(Collectors.joining(",", "[", "]")));
    }

    static String row(long id) {
        return "{\"id\":" + id + ",\"price\":\"61837.63000000\",\"qty\":\"0.02000000\",\"quoteQty\":\"1236.75260000\","
                + "\"time\":1723161255342,\"isBuyerMaker\":true,\"isBestMatch\":true}";
    }

    /** An exchange that has the trades of a range, of every symbol. */
    static Script having(long oldest, long newest) {
        return request -> {
            long limit = request.number("limit");
            if (request.is("trades")) {
                return rows(Math.max(oldest, newest - limit + 1), newest);
            }
            long from = Math.max(oldest, request.number("fromId"));
            return from > newest ? ok("[]") : rows(from, Math.min(newest, from + limit - 1));
        };
    }
}
