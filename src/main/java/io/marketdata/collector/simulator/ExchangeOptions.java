package io.marketdata.collector.simulator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the exchange simulator behaves. The defaults are the real one's (Binance web-socket-streams.md, 2026-06-09).
 *
 * @param port of the WebSocket side on 127.0.0.1; 0 takes a free one
 * @param restPort of the REST side; 0 takes a free one
 * @param pingInterval between two pings of a connection
 * @param pongPatience a connection that has not answered a ping for so long is closed
 * @param lifetime a connection is closed at this age
 * @param startAfter the trade source begins when so many connections have asked for a stream; 0 begins it at once
 * @param script what goes wrong, and when
 * @param endpoints WebSocket ports with the same streams, 1 at least; those after the first are {@code port} + 1 and so
 *     on, or free ones
 * @param controlPort of {@link ControlServer}; 0 takes a free one, null has none
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

    /** As the real one, on free ports. */
    public static ExchangeOptions defaults() {
        return new ExchangeOptions(
                0,
                0,
                Duration.ofSeconds(20),
                Duration.ofMinutes(1),
                Duration.ofHours(24),
                1,
                FaultScript.EMPTY,
                1,
                null);
    }

    /** The same on other ports. */
    public ExchangeOptions onPorts(int newPort, int newRestPort) {
        return new ExchangeOptions(
                newPort, newRestPort, pingInterval, pongPatience, lifetime, startAfter, script, endpoints, controlPort);
    }

    /** The same with other pings. */
    public ExchangeOptions pinging(Duration newInterval, Duration newPatience) {
        return new ExchangeOptions(
                port, restPort, newInterval, newPatience, lifetime, startAfter, script, endpoints, controlPort);
    }

    /** The same with another life of connections. */
    public ExchangeOptions living(Duration newLifetime) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, newLifetime, startAfter, script, endpoints, controlPort);
    }

    /** The same with another beginning of the trade source. */
    public ExchangeOptions startingAfter(int connections) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, connections, script, endpoints, controlPort);
    }

    /** The same with other faults. */
    public ExchangeOptions withScript(FaultScript newScript) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, startAfter, newScript, endpoints, controlPort);
    }

    /** The same with so many WebSocket ports. */
    public ExchangeOptions withEndpoints(int count) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, startAfter, script, count, controlPort);
    }

    /** The same with a control port; 0 takes a free one. */
    public ExchangeOptions withControlPort(int newControlPort) {
        return new ExchangeOptions(
                port, restPort, pingInterval, pongPatience, lifetime, startAfter, script, endpoints, newControlPort);
    }
}
