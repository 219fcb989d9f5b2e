package io.marketdata.collector.simulator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Behaviour of the exchange simulator. The defaults are those of the exchange (Binance web-socket-streams.md, 2026-06-09).
 *
 * @param port of the WebSocket server on 127.0.0.1; 0 takes a free one
 * @param restPort of the REST server; 0 takes a free one
 * @param pingInterval between two pings of a connection
 * @param pongPatience a connection that leaves a ping unanswered for this long is closed
 * @param lifetime a connection is closed at this age
 * @param startAfter number of connections with a stream after which the trade source starts; 0: at once
 * @param script the faults and their times
 * @param endpoints number of WebSocket ports with the same streams, at least 1; those after the first are {@code port} + 1
 *     and so on, or free ones
 * @param controlPort of {@link ControlServer}; 0 takes a free one, null: no such server
 */
public record ExchangeOptions(
        int port,
        int restPort,
        Duration pingInterval,
        Duration pongPatience,
        Duration lifetime,
        int startAfter,
        FaultScript script,
        int endpoints,
        @Nullable Integer controlPort) {

    public ExchangeOptions {
        if (endpoints < 1) {
            throw new IllegalArgumentException("at least 1 endpoint, was " + endpoints);
        }
    }

    /** Like the exchange, on free ports. */
    public static ExchangeOptions defaults() {
        Duration pingInterval = Duration.ofSeconds(20);
        Duration pongPatience = Duration.ofMinutes(1);
        Duration lifetime = Duration.ofHours(24);
        return new ExchangeOptions(0, 0, pingInterval, pongPatience, lifetime, 1, FaultScript.EMPTY, 1, null);
    }

    public ExchangeOptions onPorts(int newPort, int newRestPort) {
        return new ExchangeOptions(
                newPort, newRestPort, pingInterval, pongPatience, lifetime, startAfter, script, endpoints, controlPort);
    }

    public ExchangeOptions pinging(Duration newInterval, Duration newPatience) {
        return new ExchangeOptions(
                port, restPort, newInterval, newPatience, lifetime, startAfter, script, endpoints, controlPort);
    }

    /** With another lifetime of connections. */
    public ExchangeOptions living(Duration newLifetime) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, newLifetime, startAfter, script, endpoints, controlPort);
    }

    /** With another number of connections before the trade source starts. */
    public ExchangeOptions startingAfter(int connections) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, connections, script, endpoints, controlPort);
    }

    public ExchangeOptions withScript(FaultScript newScript) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, startAfter, newScript, endpoints, controlPort);
    }

    /** With another number of WebSocket ports. */
    public ExchangeOptions withEndpoints(int count) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, startAfter, script, count, controlPort);
    }

    public ExchangeOptions withControlPort(int newControlPort) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, startAfter, script, endpoints, newControlPort);
    }
}
