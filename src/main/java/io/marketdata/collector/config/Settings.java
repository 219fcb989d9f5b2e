package io.marketdata.collector.config;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.route.ProxyRule;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All settings of the operator. Each record checks itself at construction against {@link SettingsTable}, so every instance
 * is valid; {@link SettingsLoader} creates them.
 *
 * @param symbols at least one, each once, in the operator's order
 * @param shutdownBudget longest time from the signal to the exit
 * @param httpPort of the status page, health and metrics; 0: none
 * @param httpHost name or address of this machine where that port listens
 * @param warnings what is probably not what the operator meant, a line each, to be logged at the start
 */
public record Settings(
        List<Symbol> symbols,
        InstanceId instance,
        StoreTarget store,
        Routes routes,
        Feed feed,
        Rest rest,
        Spool spool,
        Unparsed unparsed,
        Upload upload,
        Index index,
        Duration shutdownBudget,
        CloudWatch cloudWatch,
        Watchdog watchdog,
        LogLevel logLevel,
        int httpPort,
        String httpHost,
        List<String> warnings) {

    public Settings {
        symbols = List.copyOf(symbols);
        warnings = List.copyOf(warnings);
        SettingsTable.SYMBOL.require(symbols);
        SettingsTable.SHUTDOWN_BUDGET.require(shutdownBudget);
        SettingsTable.HTTP_PORT.require(httpPort);
        SettingsTable.HTTP_HOST.require(httpHost);
    }

    /**
     * How servers are reached.
     *
     * @param proxies one rule for the feed, REST, S3 and CloudWatch
     * @param allowHttpEndpoint whether an http endpoint of S3 or CloudWatch may be outside of private networks
     * @param store the address that S3 requests go to; null: not resolved yet, or no S3
     * @param cloudWatch the same of CloudWatch
     */
    public record Routes(
            ProxyRule proxies,
            boolean allowHttpEndpoint,
            @Nullable URI store,
            @Nullable URI cloudWatch) {

        private Stream<String> describe(String name, @Nullable URI address) {
            return Stream.ofNullable(address).map(known -> name + known + " " + proxies.describe(known));
        }
    }

    /** The same settings with what the AWS SDK has resolved. */
    public Settings resolved(StoreTarget resolvedStore, Routes resolvedRoutes, List<String> resolvedWarnings) {
        return new Settings(
                symbols,
                instance,
                resolvedStore,
                resolvedRoutes,
                feed,
                rest,
                spool,
                unparsed,
                upload,
                index,
                shutdownBudget,
                cloudWatch,
                watchdog,
                logLevel,
                httpPort,
                httpHost,
                resolvedWarnings);
    }

    /** How each server is reached, a line each. */
    public List<String> describeRoutes() {
        Stream<URI> streams = Stream.concat(feed.urls.stream(), Stream.ofNullable(feed.fallbackUrl));
        return Stream.of(
                        streams.flatMap(url -> routes.describe("", url)),
                        routes.describe("REST ", rest.url),
                        routes.describe("S3 ", routes.store),
                        routes.describe("CloudWatch ", routes.cloudWatch))
                .flatMap(lines -> lines)
                .toList();
    }

    /**
     * The connections to the exchange.
     *
     * @param urls scheme, host and optional port; at least one
     * @param fallbackUrl used when all of them refuse this location; null: none
     * @param connections redundant connections that carry the same trades
     * @param connectTimeout for TCP, TLS and the WebSocket handshake together
     * @param idleTimeout a connection that receives no byte for this long is closed
     * @param reconnect delays after a failure; the first attempt after a working connection is made at once
     * @param attemptsPerFiveMinutes limit on the attempts of all connections together
     * @param maxFrameBytes a larger frame ends the connection
     * @param maxAge a connection of this age is replaced
     * @param maxAgeJitter a random part of this is subtracted from {@code maxAge}
     * @param staleAfter a connection that delivers no trade of a symbol for this long, while it trades, is replaced
     * @param maxLag a connection whose trades are this late is replaced
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
            SettingsTable.WS_FALLBACK_URL.requireIfSet(fallbackUrl);
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

        private String describe() {
            return urls.stream().map(URI::toString).collect(Collectors.joining(","))
                    + (fallbackUrl == null ? "" : ", else " + fallbackUrl) + "; " + connections
                    + (connections == 1 ? " connection" : " connections") + ", connect timeout "
                    + Units.text(connectTimeout) + ", idle timeout " + Units.text(idleTimeout) + ", replaced at "
                    + Units.text(maxAge) + ", reconnect after " + span(reconnect) + ", at most "
                    + attemptsPerFiveMinutes + " attempts in 5m, frames up to " + Units.text(maxFrameBytes);
        }
    }

    /**
     * The exchange's REST API, used to backfill trades that no connection delivered.
     *
     * @param url scheme, host and optional port
     * @param apiKey null: none
     * @param grace how long the connections may still deliver a missing trade before REST is queried
     * @param giveUpAfter a missing trade of this age is unrecoverable
     * @param maxIds ids; a larger gap is reported and not fetched
     * @param weightPerMinute limit on the request weight used
     */
    public record Rest(
            URI url, @Nullable String apiKey, Duration grace, Duration giveUpAfter, int maxIds, int weightPerMinute) {
        public Rest {
            SettingsTable.REST_URL.require(url);
            SettingsTable.BINANCE_API_KEY.requireIfSet(apiKey);
            SettingsTable.BACKFILL_GRACE.require(grace);
            SettingsTable.BACKFILL_GIVE_UP.require(giveUpAfter);
            SettingsTable.BACKFILL_MAX_IDS.require(maxIds);
            SettingsTable.REST_WEIGHT.require(weightPerMinute);
        }

        private String describe() {
            return url + (apiKey == null ? "" : " with a key") + " after " + Units.text(grace) + ", for "
                    + Units.text(giveUpAfter) + ", weight " + weightPerMinute + " a minute, up to " + maxIds
                    + " trades";
        }

        /** Without the key, because this may be logged. */
        @Override
        public String toString() {
            return "Rest[" + url + (apiKey == null ? "" : ", with a key") + "]";
        }
    }

    /**
     * The local disk.
     *
     * @param directory absolute; need not exist yet
     * @param rotateBytes a part is sealed when its uncompressed file reaches this size
     * @param rotateAge a part is sealed at this age, and at the end of each slot of this length; whole seconds
     * @param fsyncInterval a power loss costs at most the trades of this time
     * @param sweepInterval between two searches for files left behind
     * @param maxBytes ingestion pauses when the parts in the directory take this much
     * @param minFreeBytes ingestion pauses when less is free on the disk
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
                throw new IllegalArgumentException("rotateAge must be whole seconds, was " + Units.text(rotateAge));
            }
            SettingsTable.ROT_BYTES.require(rotateBytes);
            SettingsTable.ROT_SECS.require(Math.toIntExact(rotateAge.toSeconds()));
            SettingsTable.FSYNC_INTERVAL.require(fsyncInterval);
            SettingsTable.SWEEP_INTERVAL.require(sweepInterval);
            SettingsTable.SPOOL_MAX_BYTES.require(maxBytes);
            SettingsTable.SPOOL_MIN_FREE_BYTES.require(minFreeBytes);
        }

        private String describe() {
            return directory + "; rotation at " + Units.text(rotateBytes) + " or " + Units.text(rotateAge)
                    + "; fsync every " + Units.text(fsyncInterval) + ", sweep every " + Units.text(sweepInterval)
                    + "; at most " + Units.text(maxBytes) + ", keeps " + Units.text(minFreeBytes)
                    + " of the disk free";
        }
    }

    /**
     * Frames that are not understood.
     *
     * @param maxBytesPerHour kept in an hour; further ones are only counted
     * @param maxBytes kept on the disk at a time
     */
    public record Unparsed(long maxBytesPerHour, long maxBytes) {
        public Unparsed {
            SettingsTable.UNPARSED_MAX_BYTES_PER_HOUR.require(maxBytesPerHour);
            SettingsTable.UNPARSED_MAX_DISK_BYTES.require(maxBytes);
        }
    }

    /**
     * Uploads to the bucket.
     *
     * @param workers parts uploaded at the same time
     * @param gzipLevel 1 (fastest) to 9 (smallest)
     * @param attempts requests per put, including the store client's own retries
     * @param attemptTimeout for one request
     * @param callTimeout for all requests of a put, not below {@code attemptTimeout}
     * @param retry delays before a failed put is retried
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
                throw new IllegalArgumentException("attemptTimeout " + Units.text(attemptTimeout)
                        + " must not be longer than callTimeout " + Units.text(callTimeout));
            }
            SettingsTable.RETRY_FIRST.require(retry.first());
            SettingsTable.RETRY_MAX.require(retry.max());
        }

        private String describe() {
            return "workers " + workers + ", gzip level " + gzipLevel + ", " + attempts
                    + (attempts == 1 ? " request" : " requests") + " per put, timeout " + Units.text(attemptTimeout)
                    + " each, " + Units.text(callTimeout) + " in total, retry after " + span(retry);
        }
    }

    /**
     * Indexes of manifests.
     *
     * @param enabled whether they are uploaded
     * @param delay after the end of their hour
     */
    public record Index(boolean enabled, Duration delay) {
        public Index {
            SettingsTable.INDEX_ENABLED.require(enabled);
            SettingsTable.INDEX_DELAY.require(delay);
        }

        private String describe() {
            return enabled ? "index " + Units.text(delay) + " after the hour" : "no index";
        }
    }

    /**
     * Limits after which a thread counts as hung: the longest time that it may be busy with one cycle of its work.
     *
     * @param recordingLimit of threads that live recording needs
     * @param uploadLimit of threads that pack, upload or backfill
     */
    public record Watchdog(Duration recordingLimit, Duration uploadLimit) {
        public Watchdog {
            SettingsTable.RECORDING_LIMIT.require(recordingLimit);
            SettingsTable.UPLOAD_LIMIT.require(uploadLimit);
            if (recordingLimit.compareTo(uploadLimit) > 0) {
                throw new IllegalArgumentException("recordingLimit " + Units.text(recordingLimit)
                        + " must not be longer than uploadLimit " + Units.text(uploadLimit));
            }
        }
    }

    /**
     * Publishing of metrics to CloudWatch.
     *
     * @param namespace of the metrics
     * @param region null: found by the SDK's own chain
     * @param interval between two calls
     */
    public record CloudWatch(
            boolean on, String namespace, @Nullable String region, Duration interval) {
        public CloudWatch {
            SettingsTable.CLOUDWATCH_METRICS.require(on);
            SettingsTable.CLOUDWATCH_NAMESPACE.require(namespace);
            SettingsTable.AWS_REGION.requireIfSet(region);
            SettingsTable.CLOUDWATCH_INTERVAL.require(interval);
        }
    }

    /** The settings in a few lines for the start of the log, without secrets. */
    public List<String> describe() {
        return List.of(
                "symbols " + symbols.stream().map(Symbol::value).collect(Collectors.joining(",")) + "; instance "
                        + instance + "; log level " + logLevel,
                "store " + store.describe() + "; " + upload.describe() + ", " + index.describe(),
                "spool " + spool.describe() + "; unparsed frames at most " + Units.text(unparsed.maxBytes) + ", "
                        + Units.text(unparsed.maxBytesPerHour) + " an hour",
                "routes " + String.join("; ", describeRoutes()),
                "exchange " + feed.describe(),
                "backfill from " + rest.describe(),
                "shutdown within " + Units.text(shutdownBudget) + "; thread limit "
                        + Units.text(watchdog.recordingLimit()) + ", for uploads " + Units.text(watchdog.uploadLimit())
                        + "; "
                        + (httpPort == 0
                                ? "no status server"
                                : "health and metrics on " + httpHost + ", port " + httpPort)
                        + "; CloudWatch "
                        + (cloudWatch.on()
                                ? "every " + Units.text(cloudWatch.interval()) + " in " + cloudWatch.namespace()
                                : "off"));
    }

    private static String span(Backoff backoff) {
        return Units.text(backoff.first()) + " to " + Units.text(backoff.max());
    }
}
