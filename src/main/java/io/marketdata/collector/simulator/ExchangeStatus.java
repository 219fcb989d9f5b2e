package io.marketdata.collector.simulator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.model.Symbol;
import java.util.Map;

/** Describes the state of an exchange simulator as JSON. */
final class ExchangeStatus {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ExchangeStatus() {}

    static ObjectNode of(Map<Symbol, TradeHistory> histories, StreamServer streams, RestServer rest, long issuedCount) {
        ObjectNode status = JSON.createObjectNode();
        ArrayNode connections = status.putArray("connections");
        streams.open().forEach(connection -> describe(connection, connections.addObject()));
        status.put("issued_trades", issuedCount);
        ObjectNode issued = status.putObject("issued");
        histories.forEach((symbol, history) -> history.issued()
                .ifPresent(ids -> issued.putObject(symbol.value())
                        .put("first", ids.first())
                        .put("last", ids.last())));
        status.put("upgrades", streams.attempts());
        ObjectNode requests = status.putObject("rest_requests");
        rest.requests().forEach(requests::put);
        return status.put("rest_weight_used", rest.usedWeight());
    }

    private static void describe(StreamConnection connection, ObjectNode json) {
        json.put("id", connection.number()).put("age_ms", connection.age().toMillis());
        connection.subscriptions().names().forEach(json.putArray("streams")::add);
        json.put("delivered", connection.delivered()).put("bytes_queued", connection.queuedBytes());
    }
}
