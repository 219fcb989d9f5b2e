package io.marketdata.collector.config;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Every setting of the program, each declared once. Loading, error messages and the test that keeps
 * {@code configs/collector.yaml} and {@code .env.example} in step are driven from here; problems are reported in this
 * order.
 */
final class SettingsTable {

    static final Setting<StoreTarget> RAW_BUCKET = Setting.requiredVariable(
            "RAW_BUCKET", ValueFormat.storeTarget(), "where the objects go: an S3 bucket, or file:DIR");
    static final Setting<List<Symbol>> SYMBOL =
            Setting.variable("SYMBOL", "BTCUSDT", ValueFormat.symbols(), "symbols to record, separated by commas");
    static final Setting<InstanceId> INSTANCE_ID = Setting.variable(
            "INSTANCE_ID", "local-001", ValueFormat.instanceId(), "name of this process in every object name");
    static final Setting<Path> LOCAL_DIR = Setting.variable(
            "LOCAL_DIR",
            "/tmp/market-data",
            ValueFormat.directory(),
            "the spool: everything not yet confirmed by the bucket");
    static final Setting<Integer> ROT_BYTES = Setting.variable(
            "ROT_BYTES",
            "2097152",
            ValueFormat.bytes(1024, 64 * 1024 * 1024),
            "seal a part when its uncompressed file has reached this size");
    static final Setting<Integer> ROT_SECS = Setting.variable(
            "ROT_SECS", "5", ValueFormat.integer(1, 86_400, "whole seconds"), "seal a part at this age, in seconds");
    static final Setting<String> AWS_REGION = Setting.variable(
            "AWS_REGION",
            null,
            // Servers other than S3 use names such as "auto" or "garage", so the form of AWS's names is not required.
            ValueFormat.matching(
                    Pattern.compile("[a-z][a-z0-9-]{0,30}[a-z0-9]"),
                    "2 to 32 lower-case letters, digits and hyphens, for example ap-northeast-1"),
            "region of the bucket");
    static final Setting<URI> AWS_ENDPOINT_URL_S3 = Setting.variable(
            "AWS_ENDPOINT_URL_S3", null, BaseUrl.endpoint(), "another server that speaks the S3 protocol");
    static final Setting<LogLevel> LOG_LEVEL =
            Setting.variable("LOG_LEVEL", "INFO", ValueFormat.oneOf(LogLevel.class), "how much is logged");
    static final Setting<List<URI>> WS_URL = Setting.variable(
            "WS_URL",
            "wss://stream.binance.com:9443",
            ValueFormat.listOf(BaseUrl.exchange("wss", "ws")),
            "WebSocket address of the exchange, or several separated by commas");
    static final Setting<URI> WS_FALLBACK_URL = Setting.variable(
            "WS_FALLBACK_URL",
            null,
            BaseUrl.exchange("wss", "ws"),
            "WebSocket address to use when every other one refuses this location");
    static final Setting<Integer> WS_CONNECTIONS = Setting.variable(
            "WS_CONNECTIONS",
            "2",
            ValueFormat.integer(1, 4, "a whole number"),
            "redundant connections that carry the same trades");
    static final Setting<URI> REST_URL = Setting.variable(
            "REST_URL", "https://api.binance.com", BaseUrl.exchange("https", "http"), "REST address of the exchange");
    static final Setting<String> BINANCE_API_KEY = Setting.variable(
            "BINANCE_API_KEY",
            null,
            ValueFormat.matching(Pattern.compile("[A-Za-z0-9]{16,128}"), "16 to 128 letters and digits"),
            "API key for the exchange's REST interface; not needed today");
    static final Setting<Integer> HTTP_PORT = Setting.variable(
            "HTTP_PORT",
            "8080",
            ValueFormat.integer(0, 65_535, "a whole number"),
            "port of health and metrics on 127.0.0.1; 0 switches them off");
    static final Setting<Boolean> CLOUDWATCH_METRICS = Setting.variable(
            "CLOUDWATCH_METRICS",
            "off",
            ValueFormat.onOff(),
            "whether the metrics that need an alarm are published to CloudWatch");
    static final Setting<String> CLOUDWATCH_NAMESPACE = Setting.variable(
            "CLOUDWATCH_NAMESPACE",
            "MarketData/Collector",
            // CloudWatch also allows a colon and a space; both are more likely to be a mistake, so they are refused.
            ValueFormat.matching(
                    Pattern.compile("(?!AWS/)[A-Za-z0-9_./#-]{1,255}"),
                    "1 to 255 letters, digits and _./#-, not beginning with AWS/"),
            "namespace of these metrics in CloudWatch");
    static final Setting<Path> COLLECTOR_CONFIG = Setting.variableOnly(
            "COLLECTOR_CONFIG",
            "configs/collector.yaml",
            ValueFormat.file(),
            "the YAML file; the default may be absent");

    static final Setting<Duration> CONNECT_TIMEOUT = Setting.yamlOnly(
            "feed.connect_timeout",
            "10s",
            ValueFormat.duration("100ms", "2m"),
            "longest wait for TCP, TLS and the WebSocket handshake together");
    static final Setting<Duration> IDLE_TIMEOUT = Setting.yamlOnly(
            "feed.idle_timeout",
            "45s",
            ValueFormat.duration("1s", "10m"),
            "a connection that receives no byte for this long is dead");
    static final Setting<Duration> RECONNECT_FIRST = Setting.yamlOnly(
            "feed.reconnect_first",
            "1s",
            ValueFormat.duration("10ms", "1m"),
            "longest wait before the second attempt to connect; doubles with each failure");
    static final Setting<Duration> RECONNECT_MAX = Setting.yamlOnly(
            "feed.reconnect_max", "30s", ValueFormat.duration("10ms", "10m"), "upper limit of that wait");
    static final Setting<Integer> MAX_FRAME = Setting.yamlOnly(
            "feed.max_frame",
            "1MiB",
            ValueFormat.bytes(4 * 1024, 16 * 1024 * 1024),
            "a frame larger than this ends the connection");

    static final Setting<Integer> CONNECT_ATTEMPTS = Setting.yamlOnly(
            "feed.attempts_per_5m",
            "60",
            ValueFormat.integer(5, 300, "a whole number"),
            "attempts to connect in five minutes, of all connections together");
    static final Setting<Duration> MAX_AGE = Setting.yamlOnly(
            "feed.max_age", "23h", ValueFormat.duration("1m", "23h"), "a connection of this age is replaced");
    static final Setting<Duration> MAX_AGE_JITTER = Setting.yamlOnly(
            "feed.max_age_jitter",
            "1h",
            ValueFormat.duration("0s", "12h"),
            "a random part of this is subtracted from max_age");
    static final Setting<Duration> STALE_AFTER = Setting.yamlOnly(
            "feed.stale_after",
            "15s",
            ValueFormat.duration("1s", "10m"),
            "a connection that delivers no trade of a symbol for this long, while the symbol trades, is replaced");
    static final Setting<Duration> MAX_LAG = Setting.yamlOnly(
            "feed.max_lag",
            "10s",
            ValueFormat.duration("500ms", "10m"),
            "a connection whose trades are this late for 10 s is replaced");

    static final Setting<Duration> BACKFILL_GRACE = Setting.yamlOnly(
            "backfill.grace",
            "500ms",
            ValueFormat.duration("0ms", "1m"),
            "how long a missing trade may still arrive before it is requested over REST");
    static final Setting<Duration> BACKFILL_GIVE_UP = Setting.yamlOnly(
            "backfill.give_up_after",
            "24h",
            ValueFormat.duration("1m", "24h"),
            "how long missing trades are requested");
    static final Setting<Integer> BACKFILL_MAX_IDS = Setting.yamlOnly(
            "backfill.max_ids",
            "5000000",
            ValueFormat.integer(1_000, 100_000_000, "a whole number"),
            "a larger gap is reported and not fetched");
    static final Setting<Integer> REST_WEIGHT = Setting.yamlOnly(
            "backfill.weight_per_minute",
            "1200",
            ValueFormat.integer(50, 6_000, "a whole number"),
            "request weight per minute that backfill may use");

    static final Setting<Duration> FSYNC_INTERVAL = Setting.yamlOnly(
            "spool.fsync_interval",
            "1s",
            ValueFormat.duration("10ms", "10s"),
            "time between two flushes to disk: a power loss costs at most the trades of this time");
    static final Setting<Duration> SWEEP_INTERVAL = Setting.yamlOnly(
            "spool.sweep_interval",
            "60s",
            ValueFormat.duration("1s", "1h"),
            "how often the spool is searched for files that were left behind");
    static final Setting<Long> SPOOL_MAX_BYTES = Setting.yamlOnly(
            "spool.max_bytes",
            "2GiB",
            ValueFormat.bytes(1L << 20, 1L << 40),
            "ingestion pauses while the files below LOCAL_DIR take this much");
    static final Setting<Long> SPOOL_MIN_FREE_BYTES = Setting.yamlOnly(
            "spool.min_free_bytes",
            "256MiB",
            ValueFormat.bytes(0L, 1L << 40),
            "ingestion pauses while less than this is free on the disk");

    static final Setting<Integer> UPLOAD_WORKERS = Setting.yamlOnly(
            "upload.workers",
            "2",
            ValueFormat.integer(1, 16, "a whole number"),
            "parts that are uploaded at the same time");
    static final Setting<Integer> GZIP_LEVEL = Setting.yamlOnly(
            "upload.gzip_level", "6", ValueFormat.integer(1, 9, "a whole number"), "1 is fastest, 9 is smallest");
    static final Setting<Integer> UPLOAD_ATTEMPTS = Setting.yamlOnly(
            "upload.attempts",
            "4",
            ValueFormat.integer(1, 10, "a whole number"),
            "requests for each put: the first one and the client's own retries");
    static final Setting<Duration> ATTEMPT_TIMEOUT = Setting.yamlOnly(
            "upload.attempt_timeout", "15s", ValueFormat.duration("100ms", "5m"), "longest time for one request");
    static final Setting<Duration> CALL_TIMEOUT = Setting.yamlOnly(
            "upload.call_timeout",
            "75s",
            ValueFormat.duration("100ms", "30m"),
            "longest time for all requests of one put");
    static final Setting<Duration> RETRY_FIRST = Setting.yamlOnly(
            "upload.retry_first",
            "1s",
            ValueFormat.duration("10ms", "1m"),
            "longest wait after a failed put; doubles with each failure");
    static final Setting<Duration> RETRY_MAX =
            Setting.yamlOnly("upload.retry_max", "60s", ValueFormat.duration("10ms", "1h"), "upper limit of that wait");

    static final Setting<Duration> SHUTDOWN_BUDGET = Setting.yamlOnly(
            "shutdown.budget", "25s", ValueFormat.duration("1s", "10m"), "longest time from SIGTERM to the exit");

    static final Setting<Duration> CLOUDWATCH_INTERVAL = Setting.yamlOnly(
            "cloudwatch.interval",
            "60s",
            ValueFormat.duration("1s", "60s"),
            "how often metrics are published, with CLOUDWATCH_METRICS=on");

    static final Setting<Duration> RECORDING_LIMIT = Setting.yamlOnly(
            "watchdog.recording_limit",
            "15s",
            ValueFormat.duration("2s", "10m"),
            "a recording thread that is busy with one cycle of its work for this long counts as hung");
    static final Setting<Duration> UPLOAD_LIMIT = Setting.yamlOnly(
            "watchdog.upload_limit",
            "2m",
            ValueFormat.duration("2s", "1h"),
            "the same limit for a thread that packs, uploads or backfills");

    /** In the order of the documents. */
    static final List<Setting<?>> ALL = List.of(
            RAW_BUCKET,
            SYMBOL,
            INSTANCE_ID,
            LOCAL_DIR,
            ROT_BYTES,
            ROT_SECS,
            AWS_REGION,
            AWS_ENDPOINT_URL_S3,
            LOG_LEVEL,
            WS_URL,
            WS_FALLBACK_URL,
            WS_CONNECTIONS,
            REST_URL,
            BINANCE_API_KEY,
            HTTP_PORT,
            CLOUDWATCH_METRICS,
            CLOUDWATCH_NAMESPACE,
            COLLECTOR_CONFIG,
            CONNECT_TIMEOUT,
            IDLE_TIMEOUT,
            RECONNECT_FIRST,
            RECONNECT_MAX,
            MAX_FRAME,
            CONNECT_ATTEMPTS,
            MAX_AGE,
            MAX_AGE_JITTER,
            STALE_AFTER,
            MAX_LAG,
            BACKFILL_GRACE,
            BACKFILL_GIVE_UP,
            BACKFILL_MAX_IDS,
            REST_WEIGHT,
            FSYNC_INTERVAL,
            SWEEP_INTERVAL,
            SPOOL_MAX_BYTES,
            SPOOL_MIN_FREE_BYTES,
            UPLOAD_WORKERS,
            GZIP_LEVEL,
            UPLOAD_ATTEMPTS,
            ATTEMPT_TIMEOUT,
            CALL_TIMEOUT,
            RETRY_FIRST,
            RETRY_MAX,
            SHUTDOWN_BUDGET,
            CLOUDWATCH_INTERVAL,
            RECORDING_LIMIT,
            UPLOAD_LIMIT);

    /** Pairs of which one must not be greater than the other. */
    static final List<Ordered> ORDERED = List.of(
            new Ordered(RECONNECT_FIRST, RECONNECT_MAX),
            new Ordered(MAX_AGE_JITTER, MAX_AGE),
            new Ordered(ATTEMPT_TIMEOUT, CALL_TIMEOUT),
            new Ordered(RETRY_FIRST, RETRY_MAX),
            new Ordered(RECORDING_LIMIT, UPLOAD_LIMIT));

    private SettingsTable() {}

    /** Two settings that make sense together only if the first is at most the second. */
    record Ordered(Setting<Duration> lesser, Setting<Duration> greater) {}
}
