package io.marketdata.collector.config;

import static io.marketdata.collector.config.ValueFormat.bytes;
import static io.marketdata.collector.config.ValueFormat.directory;
import static io.marketdata.collector.config.ValueFormat.duration;
import static io.marketdata.collector.config.ValueFormat.exclusions;
import static io.marketdata.collector.config.ValueFormat.file;
import static io.marketdata.collector.config.ValueFormat.instanceId;
import static io.marketdata.collector.config.ValueFormat.integer;
import static io.marketdata.collector.config.ValueFormat.listOf;
import static io.marketdata.collector.config.ValueFormat.matching;
import static io.marketdata.collector.config.ValueFormat.onOff;
import static io.marketdata.collector.config.ValueFormat.oneOf;
import static io.marketdata.collector.config.ValueFormat.proxy;
import static io.marketdata.collector.config.ValueFormat.region;
import static io.marketdata.collector.config.ValueFormat.storeTarget;
import static io.marketdata.collector.config.ValueFormat.symbols;
import static io.marketdata.collector.config.ValueFormat.yesNo;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.S3Dialect;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of the program, each declared once. Loading, error messages and the test that keeps
 * {@code configs/collector.yaml} and {@code .env.example} in step are driven from here; problems are reported in this
 * order.
 */
final class SettingsTable {

    /** Filled by the declarations below, in their order, which is that of the documents. */
    private static final List<Setting<?>> DECLARED = new ArrayList<>();

    static final Setting<StoreTarget> RAW_BUCKET =
            allow(storeTarget()).required("RAW_BUCKET", "where the objects go: an S3 bucket, or file:DIR");
    static final Setting<List<Symbol>> SYMBOL =
            allow(symbols()).variable("SYMBOL", "BTCUSDT", "symbols to record, separated by commas");
    static final Setting<InstanceId> INSTANCE_ID =
            allow(instanceId()).variable("INSTANCE_ID", "local-001", "name of this process in every object name");
    static final Setting<Path> LOCAL_DIR = allow(directory())
            .variable("LOCAL_DIR", "/tmp/market-data", "the spool: everything not yet confirmed by the bucket");
    static final Setting<Integer> ROT_BYTES = allow(bytes(1024, 64 * 1024 * 1024))
            .variable("ROT_BYTES", "2097152", "seal a part when its uncompressed file has reached this size");
    static final Setting<Integer> ROT_SECS =
            allow(integer(1, 86_400, "whole seconds")).variable("ROT_SECS", "5", "seal a part at this age, in seconds");
    // Servers other than S3 have regions such as "auto", "garage" or "RegionOne".
    static final Setting<String> AWS_REGION = allow(region()).variable("AWS_REGION", null, "region of the bucket");
    static final Setting<URI> AWS_ENDPOINT_URL_S3 = allow(BaseUrl.endpoint())
            .variable("AWS_ENDPOINT_URL_S3", null, "another server that speaks the S3 protocol");
    static final Setting<S3Dialect.Encryption> S3_ENCRYPTION = allow(new ValueFormat<>(
                    S3Dialect.Encryption.ALLOWED, (text, base) -> S3Dialect.Encryption.parse(text), value -> {}))
            .variable("S3_ENCRYPTION", "AES256", "encryption requested of the store");
    static final Setting<S3Dialect.Addressing> S3_ADDRESSING = allow(oneOf(S3Dialect.Addressing.class, S3Dialect::word))
            .variable("S3_ADDRESSING", "auto", "where the bucket's name is in the address");
    static final Setting<S3Dialect.ConditionalPut> S3_CONDITIONAL_PUT = allow(
                    oneOf(S3Dialect.ConditionalPut.class, S3Dialect::word))
            .variable("S3_CONDITIONAL_PUT", "require", "what keeps a put from overwriting an object");
    static final Setting<S3Dialect.Checksum> S3_CHECKSUM = allow(oneOf(S3Dialect.Checksum.class, S3Dialect::word))
            .variable("S3_CHECKSUM", "sha256", "what the store checks the received bytes against");
    static final Setting<Boolean> ALLOW_HTTP_ENDPOINT = allow(yesNo())
            .variable(
                    "ALLOW_HTTP_ENDPOINT",
                    "no",
                    "whether an http:// endpoint may be outside of private networks, where others can read the traffic");
    static final Setting<ForwardProxy> HTTPS_PROXY =
            allow(proxy("HTTPS_PROXY")).variableOnly("HTTPS_PROXY", null, "proxy for the exchange, S3 and CloudWatch");
    static final Setting<ForwardProxy> HTTP_PROXY =
            allow(proxy("HTTP_PROXY")).variableOnly("HTTP_PROXY", null, "proxy for an http:// endpoint");
    static final Setting<String> ALL_PROXY = allow(matching(Pattern.compile(".*"), ForwardProxy.ALLOWED))
            .variableOnly("ALL_PROXY", null, "the same as HTTPS_PROXY and HTTP_PROXY, where those are not set");
    static final Setting<String> NO_PROXY = allow(exclusions())
            .variableOnly("NO_PROXY", null, "destinations that are reached without a proxy, separated by commas");
    static final Setting<LogLevel> LOG_LEVEL =
            allow(oneOf(LogLevel.class)).variable("LOG_LEVEL", "INFO", "how much is logged");
    static final Setting<List<URI>> WS_URL = allow(listOf(BaseUrl.exchange("wss", "ws")))
            .variable(
                    "WS_URL",
                    "wss://stream.binance.com:9443",
                    "WebSocket address of the exchange, or several separated by commas");
    static final Setting<URI> WS_FALLBACK_URL = allow(BaseUrl.exchange("wss", "ws"))
            .variable("WS_FALLBACK_URL", null, "WebSocket address to use when every other one refuses this location");
    static final Setting<Integer> WS_CONNECTIONS =
            allow(integer(1, 4)).variable("WS_CONNECTIONS", "2", "redundant connections that carry the same trades");
    static final Setting<URI> REST_URL = allow(BaseUrl.exchange("https", "http"))
            .variable("REST_URL", "https://api.binance.com", "REST address of the exchange");
    static final Setting<String> BINANCE_API_KEY = allow(
                    matching(Pattern.compile("[A-Za-z0-9]{16,128}"), "16 to 128 letters and digits"))
            .variable("BINANCE_API_KEY", null, "API key for the exchange's REST interface; not needed today");
    static final Setting<Integer> HTTP_PORT = allow(integer(0, 65_535))
            .variable("HTTP_PORT", "8080", "port of the status page, health and metrics; 0 switches them off");
    static final Setting<String> HTTP_HOST = allow(matching(
                    Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:.]{2,45}"),
                    "a host name or an IP address of this machine"))
            .variable("HTTP_HOST", "127.0.0.1", "where that port listens; every host that reaches it can read it");
    static final Setting<Boolean> CLOUDWATCH_METRICS = allow(onOff())
            .variable(
                    "CLOUDWATCH_METRICS", "off", "whether the metrics that need an alarm are published to CloudWatch");
    // CloudWatch also allows a colon and a space; both are more likely to be a mistake, so they are refused.
    static final Setting<String> CLOUDWATCH_NAMESPACE = allow(matching(
                    Pattern.compile("(?!AWS/)[A-Za-z0-9_./#-]{1,255}"),
                    "1 to 255 letters, digits and _./#-, not beginning with AWS/"))
            .variable("CLOUDWATCH_NAMESPACE", "MarketData/Collector", "namespace of these metrics in CloudWatch");
    static final Setting<Path> COLLECTOR_CONFIG = allow(file())
            .variableOnly("COLLECTOR_CONFIG", "configs/collector.yaml", "the YAML file; the default may be absent");

    static final Setting<Duration> CONNECT_TIMEOUT = allow(duration("100ms", "2m"))
            .yaml("feed.connect_timeout", "10s", "longest wait for TCP, TLS and the WebSocket handshake together");
    static final Setting<Duration> IDLE_TIMEOUT = allow(duration("1s", "10m"))
            .yaml("feed.idle_timeout", "45s", "a connection that receives no byte for this long is dead");
    static final Setting<Duration> RECONNECT_FIRST = allow(duration("10ms", "1m"))
            .yaml(
                    "feed.reconnect_first",
                    "1s",
                    "longest wait before the second attempt to connect; doubles with each failure");
    static final Setting<Duration> RECONNECT_MAX =
            allow(duration("10ms", "10m")).yaml("feed.reconnect_max", "30s", "upper limit of that wait");
    static final Setting<Integer> MAX_FRAME = allow(bytes(4 * 1024, 16 * 1024 * 1024))
            .yaml("feed.max_frame", "1MiB", "a frame larger than this ends the connection");

    static final Setting<Integer> CONNECT_ATTEMPTS = allow(integer(5, 300))
            .yaml("feed.attempts_per_5m", "60", "attempts to connect in five minutes, of all connections together");
    static final Setting<Duration> MAX_AGE =
            allow(duration("1m", "23h")).yaml("feed.max_age", "23h", "a connection of this age is replaced");
    static final Setting<Duration> MAX_AGE_JITTER = allow(duration("0s", "12h"))
            .yaml("feed.max_age_jitter", "1h", "a random part of this is subtracted from max_age");
    static final Setting<Duration> STALE_AFTER = allow(duration("1s", "10m"))
            .yaml(
                    "feed.stale_after",
                    "15s",
                    "a connection that delivers no trade of a symbol for this long, while the symbol trades, is replaced");
    static final Setting<Duration> MAX_LAG = allow(duration("500ms", "10m"))
            .yaml("feed.max_lag", "10s", "a connection whose trades are this late for 10 s is replaced");

    static final Setting<Duration> BACKFILL_GRACE = allow(duration("0ms", "1m"))
            .yaml(
                    "backfill.grace",
                    "500ms",
                    "how long a missing trade may still arrive before it is requested over REST");
    static final Setting<Duration> BACKFILL_GIVE_UP =
            allow(duration("1m", "24h")).yaml("backfill.give_up_after", "24h", "how long missing trades are requested");
    static final Setting<Integer> BACKFILL_MAX_IDS = allow(integer(1_000, 100_000_000))
            .yaml("backfill.max_ids", "5000000", "a larger gap is reported and not fetched");
    static final Setting<Integer> REST_WEIGHT = allow(integer(50, 6_000))
            .yaml("backfill.weight_per_minute", "1200", "request weight per minute that backfill may use");

    static final Setting<Duration> FSYNC_INTERVAL = allow(duration("10ms", "10s"))
            .yaml(
                    "spool.fsync_interval",
                    "1s",
                    "time between two flushes to disk: a power loss costs at most the trades of this time");
    static final Setting<Duration> SWEEP_INTERVAL = allow(duration("1s", "1h"))
            .yaml("spool.sweep_interval", "60s", "how often the spool is searched for files that were left behind");
    static final Setting<Long> SPOOL_MAX_BYTES = allow(bytes(1L << 20, 1L << 40))
            .yaml("spool.max_bytes", "2GiB", "ingestion pauses while the parts below LOCAL_DIR take this much");
    static final Setting<Long> SPOOL_MIN_FREE_BYTES = allow(bytes(0L, 1L << 40))
            .yaml("spool.min_free_bytes", "256MiB", "ingestion pauses while less than this is free on the disk");

    static final Setting<Long> UNPARSED_MAX_BYTES_PER_HOUR = allow(bytes(1L << 20, 1L << 40))
            .yaml(
                    "unparsed.max_bytes_per_hour",
                    "256MiB",
                    "so much of frames that are not understood is kept in an hour; the rest is counted and reported");
    static final Setting<Long> UNPARSED_MAX_DISK_BYTES = allow(bytes(1L << 20, 1L << 40))
            .yaml(
                    "unparsed.max_disk_bytes",
                    "1GiB",
                    "so much of them is kept on the local disk; they leave it when they are uploaded");

    static final Setting<Integer> UPLOAD_WORKERS =
            allow(integer(1, 16)).yaml("upload.workers", "2", "parts that are uploaded at the same time");
    static final Setting<Integer> GZIP_LEVEL =
            allow(integer(1, 9)).yaml("upload.gzip_level", "6", "1 is fastest, 9 is smallest");
    static final Setting<Integer> UPLOAD_ATTEMPTS = allow(integer(1, 10))
            .yaml("upload.attempts", "4", "requests for each put: the first one and the client's own retries");
    static final Setting<Duration> ATTEMPT_TIMEOUT =
            allow(duration("100ms", "5m")).yaml("upload.attempt_timeout", "15s", "longest time for one request");
    static final Setting<Duration> CALL_TIMEOUT = allow(duration("100ms", "30m"))
            .yaml("upload.call_timeout", "75s", "longest time for all requests of one put");
    static final Setting<Duration> RETRY_FIRST = allow(duration("10ms", "1m"))
            .yaml("upload.retry_first", "1s", "longest wait after a failed put; doubles with each failure");
    static final Setting<Duration> RETRY_MAX =
            allow(duration("10ms", "1h")).yaml("upload.retry_max", "60s", "upper limit of that wait");

    static final Setting<Boolean> INDEX_ENABLED = allow(yesNo())
            .yaml("index.enabled", "yes", "whether each hour's manifests are uploaded as one object, the index");
    static final Setting<Duration> INDEX_DELAY = allow(duration("0s", "24h"))
            .yaml("index.delay", "15m", "how long after the end of an hour its index is uploaded");

    static final Setting<Duration> SHUTDOWN_BUDGET =
            allow(duration("1s", "10m")).yaml("shutdown.budget", "25s", "longest time from SIGTERM to the exit");

    static final Setting<Duration> CLOUDWATCH_INTERVAL = allow(duration("1s", "60s"))
            .yaml("cloudwatch.interval", "60s", "how often metrics are published, with CLOUDWATCH_METRICS=on");

    static final Setting<Duration> RECORDING_LIMIT = allow(duration("2s", "10m"))
            .yaml(
                    "watchdog.recording_limit",
                    "15s",
                    "a recording thread that is busy with one cycle of its work for this long counts as hung");
    static final Setting<Duration> UPLOAD_LIMIT = allow(duration("2s", "1h"))
            .yaml("watchdog.upload_limit", "2m", "the same limit for a thread that packs, uploads or backfills");

    /** Every setting, in the order of the documents. */
    static final List<Setting<?>> ALL = List.copyOf(DECLARED);

    /** Pairs of which one must not be greater than the other. */
    static final List<Ordered> ORDERED = List.of(
            new Ordered(RECONNECT_FIRST, RECONNECT_MAX),
            new Ordered(MAX_AGE_JITTER, MAX_AGE),
            new Ordered(ATTEMPT_TIMEOUT, CALL_TIMEOUT),
            new Ordered(RETRY_FIRST, RETRY_MAX),
            new Ordered(RECORDING_LIMIT, UPLOAD_LIMIT));

    private SettingsTable() {}

    private static <T> Declaration<T> allow(ValueFormat<T> format) {
        return new Declaration<>(format);
    }

    /** The first part of a declaration. */
    private record Declaration<T>(ValueFormat<T> format) {

        /** Set in the environment, in {@code .env}, or in lower case at the top level of the YAML file. */
        Setting<T> variable(String name, @Nullable String defaultText, String description) {
            return add(new Setting<>(name, name.toLowerCase(Locale.ROOT), defaultText, false, format, description));
        }

        /** As {@link #variable}, without a default: the operator must set it. */
        Setting<T> required(String name, String description) {
            return add(new Setting<>(name, name.toLowerCase(Locale.ROOT), null, true, format, description));
        }

        /** Set in the environment or in {@code .env} only. */
        Setting<T> variableOnly(String name, @Nullable String defaultText, String description) {
            return add(new Setting<>(name, null, defaultText, false, format, description));
        }

        /** Set in the YAML file only. */
        Setting<T> yaml(String path, String defaultText, String description) {
            return add(new Setting<>(null, path, defaultText, false, format, description));
        }

        private Setting<T> add(Setting<T> setting) {
            DECLARED.add(setting);
            return setting;
        }
    }

    /** Two settings that make sense together only if the first is at most the second. */
    record Ordered(Setting<Duration> lesser, Setting<Duration> greater) {}
}
