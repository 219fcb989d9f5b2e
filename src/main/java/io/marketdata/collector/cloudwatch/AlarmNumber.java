package io.marketdata.collector.cloudwatch;

import static io.marketdata.collector.cloudwatch.AlarmNumber.Kind.LEVEL;
import static io.marketdata.collector.cloudwatch.AlarmNumber.Kind.TOTAL;
import static io.marketdata.collector.cloudwatch.AlarmNumber.Scope.PROCESS;
import static io.marketdata.collector.cloudwatch.AlarmNumber.Scope.SYMBOL;

import com.google.errorprone.annotations.Immutable;
import java.util.OptionalDouble;

/**
 * The numbers published to CloudWatch: only those that deserve an alarm, because each one costs money for each symbol. All
 * carry the single dimension {@code Symbol}. The instance is not a dimension: instances come and go, and every new name
 * would be another metric to pay for. Sum, Minimum and Maximum show the number of instances, the best and the worst.
 */
public enum AlarmNumber {
    /** One per interval from each instance: with the default of a minute, the sum over a minute is how many run. */
    UP("Up", "Count", SYMBOL, LEVEL, (reading, symbol) -> OptionalDouble.of(1)),
    /** Trades confirmed by the store. */
    RECORDS_UPLOADED("RecordsUploaded", "Count", SYMBOL, TOTAL, ofSymbol("collector_trades_uploaded")),
    /** Time since a connection last delivered a new trade. */
    LAST_TRADE_AGE("LastTradeAgeSeconds", "Seconds", SYMBOL, LEVEL, ofSymbol("collector_last_trade_age_seconds")),
    /** Trades missing from what this instance has packed; most are backfilled later. */
    GAP_TRADES("GapTrades", "Count", SYMBOL, TOTAL, ofSymbol("collector_ids_missing")),
    /** Trades in unrecoverable gaps of this instance. */
    UNRECOVERABLE_TRADES("UnrecoverableTrades", "Count", SYMBOL, TOTAL, ofSymbol("collector_ids_unrecoverable")),
    /** 0 healthy, 1 degraded, 2 failing. */
    HEALTH("Health", "None", PROCESS, LEVEL, ofProcess("collector_health")),
    /** Size of the spool on the local disk. */
    SPOOL_BYTES("SpoolBytes", "Bytes", PROCESS, LEVEL, ofProcess("collector_spool_bytes")),
    /** Age of the oldest part that has not been uploaded. */
    SPOOL_OLDEST_AGE(
            "SpoolOldestAgeSeconds", "Seconds", PROCESS, LEVEL, ofProcess("collector_oldest_part_age_seconds")),
    /** Puts that failed after the client's own retries. */
    UPLOAD_FAILURES("UploadFailures", "Count", PROCESS, TOTAL, ofProcess("collector_put_failures")),
    /** Connections that ended or could not be opened; each is followed by another attempt. */
    RECONNECTS("Reconnects", "Count", PROCESS, TOTAL, ofProcess("collector_disconnections")),
    /** Absolute difference between this machine's clock and the exchange's. */
    CLOCK_SKEW("ClockSkewMs", "Milliseconds", PROCESS, LEVEL, (reading, symbol) -> clockSkew(reading)),
    /** Includes garbage, so only a value that stays high is meaningful. */
    HEAP_USED("HeapUsedPercent", "Percent", PROCESS, LEVEL, (reading, symbol) -> heapUsed(reading));

    /** Whether there is one value for each symbol, or one for the process. */
    enum Scope {
        SYMBOL,
        /** Published under the first symbol of SYMBOL. */
        PROCESS
    }

    /** How a value is published. */
    enum Kind {
        /** As it is. */
        LEVEL,
        /** A counter: its growth since the last successful call is published. */
        TOTAL
    }

    /** Reads the value; empty while there is none. */
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
        // The JVM reports -1 if the heap has no limit.
        return max > 0 ? OptionalDouble.of(100 * used / max) : OptionalDouble.empty();
    }

    public String metricName() {
        return metricName;
    }

    public String unit() {
        return unit;
    }

    /** Whether there is one value for the process, published under its first symbol, instead of one for each symbol. */
    public boolean isOfProcess() {
        return scope == PROCESS;
    }

    Kind kind() {
        return kind;
    }

    OptionalDouble read(Reading reading, String symbol) {
        return source.read(reading, symbol);
    }
}
