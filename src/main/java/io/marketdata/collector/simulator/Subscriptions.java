package io.marketdata.collector.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one connection: by its URL, and by later requests (Binance web-socket-streams.md, 2026-06-09, "Live
 * Subscribing/Unsubscribing to streams"). A well-formed stream that does not exist is accepted and never delivers anything,
 * as at the exchange.
 *
 * <p>Any thread.
 */
final class Subscriptions {

    private static final int MAX_STREAMS = 1_024;
    private static final Pattern WELL_FORMED = Pattern.compile("!?[\\p{L}\\p{N}_]+(@[\\p{L}\\p{N}_]+)*");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Set<String> streams = new LinkedHashSet<>();
    private boolean combined;

    /** The exchange does not serve the URL. */
    static final class BadPath extends Exception {
        private static final long serialVersionUID = 1;

        BadPath(String message) {
            super(message);
        }
    }

    /** Parses the path and query of an upgrade request. */
    static Subscriptions fromUrl(String resource) throws BadPath {
        int question = resource.indexOf('?');
        String path = decoded(question < 0 ? resource : resource.substring(0, question));
        Subscriptions subscriptions = new Subscriptions();
        if (path.equals("/stream") || path.equals("/stream/")) {
            subscriptions.combined = true;
            subscriptions.addQuery(question < 0 ? "" : resource.substring(question + 1));
        } else if (path.startsWith("/ws/")) {
            subscriptions.addAll(path.substring("/ws/".length()));
        } else if (!path.equals("/ws")) {
            throw new BadPath("no such path");
        }
        return subscriptions;
    }

    private void addQuery(String query) throws BadPath {
        for (String parameter : query.split("&", -1)) {
            if (parameter.startsWith("streams=")) {
                addAll(decoded(parameter.substring("streams=".length())));
            } else if (!parameter.isEmpty()) {
                throw new BadPath("unknown parameter");
            }
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private void addAll(String names) throws BadPath {
        for (String name : names.split("/", -1)) {
            if (!name.isEmpty()) {
                streams.add(name);
            }
        }
        if (streams.size() > MAX_STREAMS) {
            throw new BadPath("more than " + MAX_STREAMS + " streams");
        }
    }

    /** A copy, in the order of subscription. */
    synchronized List<String> names() {
        return List.copyOf(streams);
    }

    synchronized boolean has(String stream) {
        return streams.contains(stream);
    }

    synchronized boolean isEmpty() {
        return streams.isEmpty();
    }

    synchronized boolean isCombined() {
        return combined;
    }

    /** Handles a request of the client and returns the answer. */
    synchronized String answer(String request) {
        JsonNode tree;
        try {
            tree = JSON.readTree(request);
        } catch (JsonProcessingException e) {
            return error(3, "Invalid JSON: " + e.getClass().getSimpleName()).toString();
        }
        JsonNode params = tree.path("params");
        ObjectNode answer = switch (tree.path("method").asText()) {
            case "SUBSCRIBE" -> subscribe(params);
            case "UNSUBSCRIBE" -> unsubscribe(params);
            case "LIST_SUBSCRIPTIONS" -> result(JSON.valueToTree(streams));
            case "SET_PROPERTY" -> setProperty(params);
            case "GET_PROPERTY" ->
                params.path(0).asText().equals("combined")
                        ? result(BooleanNode.valueOf(combined))
                        : error(0, "Unknown property");
            case "" -> error(2, "Invalid request: missing field `method`");
            default -> error(2, "Invalid request: unknown variant");
        };
        if (tree.has("id")) {
            answer.set("id", tree.get("id"));
        }
        return answer.toString();
    }

    private ObjectNode subscribe(JsonNode params) {
        for (JsonNode name : params) {
            if (!WELL_FORMED.matcher(name.asText()).matches()) {
                return error(2, "Invalid request: invalid stream");
            }
        }
        if (streams.size() + params.size() > MAX_STREAMS) {
            return error(4, "Too many subscriptions");
        }
        params.forEach(name -> streams.add(name.asText()));
        return result(null);
    }

    private ObjectNode unsubscribe(JsonNode params) {
        params.forEach(name -> streams.remove(name.asText()));
        return result(null);
    }

    private ObjectNode setProperty(JsonNode params) {
        if (!params.path(0).asText().equals("combined")) {
            return error(0, "Unknown property");
        }
        if (!params.path(1).isBoolean()) {
            return error(1, "Invalid value type: expected Boolean");
        }
        combined = params.path(1).asBoolean();
        return result(null);
    }

    private static ObjectNode result(@Nullable JsonNode value) {
        return JSON.createObjectNode().set("result", value);
    }

    /** The form observed on the wire; the documents show it without the outer {@code error}. */
    private static ObjectNode error(int code, String message) {
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("error").put("code", code).put("msg", message);
        return answer;
    }
}
