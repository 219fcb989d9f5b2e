package io.marketdata.collector.config;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Everything an operator can decide. Each record checks itself at birth against {@link SettingsTable}, so settings that
 * exist are valid; {@link SettingsLoader} makes them.
 *
 * @param symbols at least one, each once, in the operator's order
 * @param shutdownBudget from the signal to the exit
 */
public record Settings(
        List<Symbol> symbols,
        InstanceId instance,
        StoreTarget store,
        Feed feed,
        Rest rest,
        Spool spool,
        Ship ship,
        Duration shutdownBudget,
        LogLevel logLevel) {

    public Settings {
        symbols = List.copyOf(symbols);
        SettingsTable.SYMBOL.require(symbols);
        SettingsTable.SHUTDOWN_BUDGET.require(shutdownBudget);
    }

    /**
     * The links to the exchange.
     *
     * @param url scheme, host and optional port
     * @param connectTimeout for TCP, TLS and the WebSocket handshake together
     * @param silenceTimeout a link without any byte for so long is dead
     * @param reconnect delays after a failure; the first attempt after a working link is made at once
     * @param maxFrameBytes a larger frame ends the link
     */
    public record Feed(
            URI url, Duration connectTimeout, Duration silenceTimeout, Backoff reconnect, int maxFrameBytes) {
        public Feed {
            SettingsTable.WS_URL.require(url);
            SettingsTable.CONNECT_TIMEOUT.require(connectTimeout);
            SettingsTable.SILENCE_TIMEOUT.require(silenceTimeout);
            SettingsTable.RECONNECT_FIRST.require(reconnect.first());
            SettingsTable.RECONNECT_MAX.require(reconnect.max());
            SettingsTable.MAX_FRAME.require(maxFrameBytes);
        }
    }

    /**
     * The exchange's REST interface.
     *
     * @param url scheme, host and optional port
     */
    public record Rest(URI url) {
        public Rest {
            SettingsTable.REST_URL.require(url);
        }
    }

    /**
     * The local disk.
     *
     * @param directory absolute; need not exist yet
     * @param rotateBytes a part whose uncompressed file has reached this size is sealed
     * @param rotateAge a part of this age is sealed, and every part at the ends of slots of this length; whole seconds
     * @param fsyncInterval the most that a power loss takes
     * @param sweepInterval between two searches for files that were left behind
     */
    public record Spool(
            Path directory, int rotateBytes, Duration rotateAge, Duration fsyncInterval, Duration sweepInterval) {
        public Spool {
            if (!directory.isAbsolute()) {
                throw new IllegalArgumentException("the spool directory must be absolute, was " + directory);
            }
            if (!rotateAge.equals(Duration.ofSeconds(rotateAge.toSeconds()))) {
                throw new IllegalArgumentException("rotateAge must be whole seconds, was " + rotateAge);
            }
            SettingsTable.ROT_BYTES.require(rotateBytes);
            SettingsTable.ROT_SECS.require(Math.toIntExact(rotateAge.toSeconds()));
            SettingsTable.FSYNC_INTERVAL.require(fsyncInterval);
            SettingsTable.SWEEP_INTERVAL.require(sweepInterval);
        }
    }

    /**
     * The way to the bucket.
     *
     * @param workers parts on their way at the same time
     * @param gzipLevel 1 (fastest) to 9 (smallest)
     * @param attempts requests per put: one, and the store client's own retries
     * @param attemptTimeout for one request
     * @param callTimeout for all requests of a put, not below {@code attemptTimeout}
     * @param retry delays before a put that failed is tried again
     */
    public record Ship(
            int workers, int gzipLevel, int attempts, Duration attemptTimeout, Duration callTimeout, Backoff retry) {
        public Ship {
            SettingsTable.SHIP_WORKERS.require(workers);
            SettingsTable.GZIP_LEVEL.require(gzipLevel);
            SettingsTable.SHIP_ATTEMPTS.require(attempts);
            SettingsTable.ATTEMPT_TIMEOUT.require(attemptTimeout);
            SettingsTable.CALL_TIMEOUT.require(callTimeout);
            if (attemptTimeout.compareTo(callTimeout) > 0) {
                throw new IllegalArgumentException(
                        "attemptTimeout " + attemptTimeout + " must not be longer than callTimeout " + callTimeout);
            }
            SettingsTable.RETRY_FIRST.require(retry.first());
            SettingsTable.RETRY_MAX.require(retry.max());
        }
    }

    /** What runs, in a few lines for the start of the log. Holds no secret: none is a setting. */
    public List<String> describe() {
        return List.of(
                "symbols " + symbols.stream().map(Symbol::value).collect(Collectors.joining(",")) + "; instance "
                        + instance + "; log level " + logLevel,
                "store " + store.describe() + "; workers " + ship.workers() + ", gzip level " + ship.gzipLevel()
                        + ", " + ship.attempts() + " requests per put, each " + Units.text(ship.attemptTimeout())
                        + ", together " + Units.text(ship.callTimeout()) + ", then again after "
                        + span(ship.retry()),
                "spool " + spool.directory() + "; rotation " + Units.text(spool.rotateBytes()) + " or "
                        + Units.text(spool.rotateAge()) + "; fsync every " + Units.text(spool.fsyncInterval())
                        + ", sweep every " + Units.text(spool.sweepInterval()),
                "exchange " + feed.url() + " and " + rest.url() + "; connect within "
                        + Units.text(feed.connectTimeout()) + ", dead after " + Units.text(feed.silenceTimeout())
                        + " of silence, reconnect after " + span(feed.reconnect()) + ", frames up to "
                        + Units.text(feed.maxFrameBytes()),
                "shutdown within " + Units.text(shutdownBudget));
    }

    private static String span(Backoff backoff) {
        return Units.text(backoff.first()) + " to " + Units.text(backoff.max());
    }
}
