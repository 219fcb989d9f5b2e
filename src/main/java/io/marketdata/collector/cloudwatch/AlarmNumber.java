package io.marketdata.collector.cloudwatch;

import static io.marketdata.collector.cloudwatch.AlarmNumber.Kind.LEVEL;
import static io.marketdata.collector.cloudwatch.AlarmNumber.Kind.TOTAL;
import static io.marketdata.collector.cloudwatch.AlarmNumber.Scope.PROCESS;
import static io.marketdata.collector.cloudwatch.AlarmNumber.Scope.SYMBOL;

import com.google.errorprone.annotations.Immutable;
import java.util.OptionalDouble;

/**
 * The numbers that CloudWatch gets: those that deserve an alarm, and no others, because each one costs money for each
 * symbol. All carry the dimension {@code Symbol} alone. An instance is no dimension: instances come and go, and every new
 * name would be a new metric to pay for. How many there are, and how the best and the worst one is, tell Sum, Minimum and
 * Maximum.
 */
public enum AlarmNumber {
    /** One a minute from each instance: the sum is how many run. */
    UP("Up", "Count", SYMBOL, LEVEL, (reading, symbol) -> OptionalDouble.of(1)),
    /** Trades that the store confirmed. */
    RECORDS_UPLOADED("RecordsUploaded", "Count", SYMBOL, TOTAL, ofSymbol("collector_trades_uploaded")),
    /** Since a connection has brought a new trade. */
    LAST_TRADE_AGE("LastTradeAgeSeconds", "Seconds", SYMBOL, LEVEL, ofSymbol("collector_last_trade_age_seconds")),
    /** Trades missing from what this instance has packed; most are recovered later. */
    GAP_TRADES("GapTrades", "Count", SYMBOL, TOTAL, ofSymbol("collector_ids_missing")),
    /** Trades that this instance has given up. */
    LOST_TRADES("UnrecoverableTrades", "Count", SYMBOL, TOTAL, ofSymbol("collector_ids_unrecoverable")),
    /** 0 is well, 1 degraded, 2 failing. */
    HEALTH("Health", "None", PROCESS, LEVEL, ofProcess("collector_health")),
    /** On the local disk. */
    SPOOL_BYTES("SpoolBytes", "Bytes", PROCESS, LEVEL, ofProcess("collector_spool_bytes")),
    /** How long the oldest part has waited for the store. */
    SPOOL_OLDEST_AGE(
            "SpoolOldestAgeSeconds", "Seconds", PROCESS, LEVEL, ofProcess("collector_oldest_part_age_seconds")),
    /** Puts that failed after the client's own retries. */
    UPLOAD_FAILURES("UploadFailures", "Count", PROCESS, TOTAL, ofProcess("collector_put_failures")),
    /** Connections that ended or could not be opened; each is followed by another attempt. */
    RECONNECTS("Reconnects", "Count", PROCESS, TOTAL, ofProcess("collector_disconnections")),
    /** Either way, between this machine's clock and the exchange's. */
    CLOCK_SKEW("ClockSkewMs", "Milliseconds", PROCESS, LEVEL, (reading, symbol) -> clockSkew(reading)),
    /** Garbage included, so only a value that stays high means something. */
    HEAP_USED("HeapUsedPercent", "Percent", PROCESS, LEVEL, (reading, symbol) -> heapUsed(reading));

    /** Whether there is one value for each symbol, or one for the process. */
    enum Scope {
        SYMBOL,
        /** Told under the first symbol of SYMBOL. */
        PROCESS
    }

    /** What of a value is told. */
    enum Kind {
        /** Itself. */
        LEVEL,
        /** It only grows, and the growth is told. */
        TOTAL
    }

    /** Where the value stands; empty while there is none. */
    @Immutable
    private interface Source {
        OptionalDouble read(Reading reading, String symbol);
    }

    private final String metricName;
    private final String unit;
    private final Scope scope;
    private final Kind kind;
    private final Source source;

    AlarmNumber(String metricName, String unit, Scope scope, Kind kind, Source source) {
        this.metricName = metricName;
        this.unit = unit;
        this.scope = scope;
        this.kind = kind;
        this.source = source;
    }

    private static Source ofSymbol(String name) {
        return (reading, symbol) -> reading.of(name, symbol);
    }

    private static Source ofProcess(String name) {
        return (reading, symbol) -> reading.of(name);
    }

    private static OptionalDouble clockSkew(Reading reading) {
        OptionalDouble seconds = reading.of("collector_clock_offset_seconds");
        return seconds.isEmpty() ? seconds : OptionalDouble.of(1_000 * Math.abs(seconds.getAsDouble()));
    }

    private static OptionalDouble heapUsed(Reading reading) {
        double used = reading.of("jvm_heap_used_bytes").orElse(0);
        double max = reading.of("jvm_heap_max_bytes").orElse(0);
        // The JVM says -1 where the heap has no limit.
        return max > 0 ? OptionalDouble.of(100 * used / max) : OptionalDouble.empty();
    }

    /** Its name in CloudWatch. */
    public String metricName() {
        return metricName;
    }

    /** Its unit, in CloudWatch's words. */
    public String unit() {
        return unit;
    }

    /** Whether there is one value for the process, told under its first symbol, and not one for each symbol. */
    public boolean isOfProcess() {
        return scope == PROCESS;
    }

    Kind kind() {
        return kind;
    }

    /** Its present value; empty while there is none. */
    OptionalDouble read(Reading reading, String symbol) {
        return source.read(reading, symbol);
    }
}
