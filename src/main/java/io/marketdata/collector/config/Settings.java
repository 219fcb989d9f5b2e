package io.marketdata.collector.config;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Everything an operator can decide. Each record checks itself at birth against {@link SettingsTable}, so settings that
 * exist are valid; {@link SettingsLoader} makes them.
 *
 * @param symbols at least one, each once, in the operator's order
 * @param shutdownBudget from the signal to the exit
 * @param cloudWatch whether and how it is told
 * @param httpPort of health and metrics on the loopback address; 0: none
 */
public record Settings(
        List<Symbol> symbols,
        InstanceId instance,
        StoreTarget store,
        Feed feed,
        Rest rest,
        Spool spool,
        Upload upload,
        Duration shutdownBudget,
        CloudWatch cloudWatch,
        Watchdog watchdog,
        LogLevel logLevel,
        int httpPort) {

    public Settings {
        symbols = List.copyOf(symbols);
        SettingsTable.SYMBOL.require(symbols);
        SettingsTable.SHUTDOWN_BUDGET.require(shutdownBudget);
        SettingsTable.HTTP_PORT.require(httpPort);
    }

    /**
     * The connections to the exchange.
     *
     * @param urls scheme, host and optional port; at least one
     * @param fallbackUrl taken when all of them refuse this location; null: none
     * @param connections connections that carry the same trades
     * @param connectTimeout for TCP, TLS and the WebSocket handshake together
     * @param idleTimeout a connection without any byte for so long is dead
     * @param reconnect delays after a failure; the first attempt after a working connection is made at once
     * @param attemptsPerFiveMinutes connections that all connections together may try
     * @param maxFrameBytes a larger frame ends the connection
     * @param maxAge a connection of this age is replaced
     * @param maxAgeJitter a random part of this is taken off
     * @param staleAfter a connection that brings nothing of a symbol for so long, while there are trades, is replaced
     * @param maxLag a connection whose trades come so late is replaced
     */
    public record Feed(
            List<URI> urls,
            @Nullable URI fallbackUrl,
            int connections,
            Duration connectTimeout,
            Duration idleTimeout,
            Backoff reconnect,
            int attemptsPerFiveMinutes,
            int maxFrameBytes,
            Duration maxAge,
            Duration maxAgeJitter,
            Duration staleAfter,
            Duration maxLag) {
        public Feed {
            urls = List.copyOf(urls);
            SettingsTable.WS_URL.require(urls);
            if (fallbackUrl != null) {
                SettingsTable.WS_FALLBACK_URL.require(fallbackUrl);
            }
            SettingsTable.WS_CONNECTIONS.require(connections);
            SettingsTable.CONNECT_ATTEMPTS.require(attemptsPerFiveMinutes);
            SettingsTable.MAX_AGE.require(maxAge);
            SettingsTable.MAX_AGE_JITTER.require(maxAgeJitter);
            SettingsTable.STALE_AFTER.require(staleAfter);
            SettingsTable.MAX_LAG.require(maxLag);
            SettingsTable.CONNECT_TIMEOUT.require(connectTimeout);
            SettingsTable.IDLE_TIMEOUT.require(idleTimeout);
            SettingsTable.RECONNECT_FIRST.require(reconnect.first());
            SettingsTable.RECONNECT_MAX.require(reconnect.max());
            SettingsTable.MAX_FRAME.require(maxFrameBytes);
        }
    }

    /**
     * The exchange's REST interface, and what it is used for: fetching what no connection has brought.
     *
     * @param url scheme, host and optional port
     * @param apiKey null: none
     * @param grace how long a missing trade is waited for before REST is asked
     * @param giveUpAfter how long it is looked for
     * @param maxIds a larger gap is reported and not fetched
     * @param weightPerMinute request weight that may be used
     */
    public record Rest(
            URI url, @Nullable String apiKey, Duration grace, Duration giveUpAfter, int maxIds, int weightPerMinute) {
        public Rest {
            SettingsTable.REST_URL.require(url);
            if (apiKey != null) {
                SettingsTable.BINANCE_API_KEY.require(apiKey);
            }
            SettingsTable.BACKFILL_GRACE.require(grace);
            SettingsTable.BACKFILL_GIVE_UP.require(giveUpAfter);
            SettingsTable.BACKFILL_MAX_IDS.require(maxIds);
            SettingsTable.REST_WEIGHT.require(weightPerMinute);
        }

        /** Without the key: this is what ends up in logs. */
        @Override
        public String toString() {
            return "Rest[" + url + (apiKey == null ? "" : ", with a key") + "]";
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
     * @param maxBytes with so much below the directory reading stops
     * @param minFreeBytes with less room on the disk reading stops too
     */
    public record Spool(
            Path directory,
            int rotateBytes,
            Duration rotateAge,
            Duration fsyncInterval,
            Duration sweepInterval,
            long maxBytes,
            long minFreeBytes) {
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
            SettingsTable.SPOOL_MAX_BYTES.require(maxBytes);
            SettingsTable.SPOOL_MIN_FREE_BYTES.require(minFreeBytes);
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
    public record Upload(
            int workers, int gzipLevel, int attempts, Duration attemptTimeout, Duration callTimeout, Backoff retry) {
        public Upload {
            SettingsTable.UPLOAD_WORKERS.require(workers);
            SettingsTable.GZIP_LEVEL.require(gzipLevel);
            SettingsTable.UPLOAD_ATTEMPTS.require(attempts);
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

    /**
     * When a thread hangs: the longest that it may be busy with one round of its work.
     *
     * @param recordingLimit of threads that live recording needs
     * @param uploadLimit of threads that pack, upload or recover
     */
    public record Watchdog(Duration recordingLimit, Duration uploadLimit) {
        public Watchdog {
            SettingsTable.RECORDING_LIMIT.require(recordingLimit);
            SettingsTable.UPLOAD_LIMIT.require(uploadLimit);
            if (recordingLimit.compareTo(uploadLimit) > 0) {
                throw new IllegalArgumentException(
                        "recordingLimit " + recordingLimit + " must not be longer than uploadLimit " + uploadLimit);
            }
        }
    }

    /**
     * The numbers that CloudWatch is told.
     *
     * @param on whether it is told at all
     * @param namespace that they are put into
     * @param region null: the SDK's own chain finds it
     * @param interval between two calls
     */
    public record CloudWatch(
            boolean on, String namespace, @Nullable String region, Duration interval) {
        public CloudWatch {
            SettingsTable.CLOUDWATCH_METRICS.require(on);
            SettingsTable.CLOUDWATCH_NAMESPACE.require(namespace);
            if (region != null) {
                SettingsTable.AWS_REGION.require(region);
            }
            SettingsTable.CLOUDWATCH_INTERVAL.require(interval);
        }
    }

    /** What runs, in a few lines for the start of the log. Holds no secret. */
    public List<String> describe() {
        return List.of(
                "symbols " + symbols.stream().map(Symbol::value).collect(Collectors.joining(",")) + "; instance "
                        + instance + "; log level " + logLevel,
                "store " + store.describe() + "; workers " + upload.workers() + ", gzip level " + upload.gzipLevel()
                        + ", " + upload.attempts() + " requests per put, each " + Units.text(upload.attemptTimeout())
                        + ", together " + Units.text(upload.callTimeout()) + ", then again after "
                        + span(upload.retry()),
                "spool " + spool.directory() + "; rotation " + Units.text(spool.rotateBytes()) + " or "
                        + Units.text(spool.rotateAge()) + "; fsync every " + Units.text(spool.fsyncInterval())
                        + ", sweep every " + Units.text(spool.sweepInterval()) + "; at most "
                        + Units.text(spool.maxBytes()) + ", " + Units.text(spool.minFreeBytes())
                        + " of the disk stay free",
                "exchange " + feed.urls().stream().map(URI::toString).collect(Collectors.joining(","))
                        + (feed.fallbackUrl() == null ? "" : ", else " + feed.fallbackUrl()) + "; " + feed.connections()
                        + (feed.connections() == 1 ? " connection" : " connections") + ", connect within "
                        + Units.text(feed.connectTimeout()) + ", dead after " + Units.text(feed.idleTimeout())
                        + " of silence, replaced at " + Units.text(feed.maxAge()) + ", reconnect after "
                        + span(feed.reconnect()) + ", at most " + feed.attemptsPerFiveMinutes()
                        + " attempts in 5m, frames up to " + Units.text(feed.maxFrameBytes()),
                "backfill from " + rest.url() + (rest.apiKey() == null ? "" : " with a key") + " after "
                        + Units.text(rest.grace()) + ", for " + Units.text(rest.giveUpAfter()) + ", weight "
                        + rest.weightPerMinute() + " a minute, up to " + rest.maxIds() + " trades",
                "shutdown within " + Units.text(shutdownBudget) + "; a thread hangs after "
                        + Units.text(watchdog.recordingLimit()) + ", one that uploads after "
                        + Units.text(watchdog.uploadLimit()) + "; "
                        + (httpPort == 0 ? "no status server" : "health and metrics on port " + httpPort) + "; "
                        + (cloudWatch.on()
                                ? "CloudWatch is told every " + Units.text(cloudWatch.interval()) + " in "
                                        + cloudWatch.namespace()
                                : "CloudWatch is not told"));
    }

    private static String span(Backoff backoff) {
        return Units.text(backoff.first()) + " to " + Units.text(backoff.max());
    }
}
