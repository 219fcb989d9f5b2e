package io.marketdata.collector.cloudwatch;

import io.marketdata.collector.cloudwatch.MetricSink.Outcome;
import io.marketdata.collector.cloudwatch.MetricSink.PutException;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells CloudWatch the {@link AlarmNumber}s of one process, once a round. Nothing is queued: what a failed call should have
 * told is told by the next one, counters as the sum of both rounds. So a count is told at least once; a call whose answer
 * was lost is told twice, which may raise an alarm too early and never too late.
 *
 * <p>One thread. No failure leaves it; the first one of an outage and its end are logged, each is counted.
 */
public final class Publisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    /**
     * Values in one call. CloudWatch allows 1,000 and 1 MB (API reference, PutMetricData, read 2026-11); so many of ours are
     * about 110 kB.
     */
    static final int MAX_DATA = 1_000;

    private final Metrics metrics;
    private final CloudWatchMetrics own;
    private final List<String> symbols;
    private final MetricSink sink;
    private final Map<Key, Double> told = new HashMap<>();
    private boolean begun;
    private boolean failing;

    private record Key(AlarmNumber number, String symbol) {}

    /**
     * @param own what publishing counts
     * @param symbols at least one; the first one stands for the process
     */
    Publisher(Metrics metrics, CloudWatchMetrics own, List<Symbol> symbols, MetricSink sink) {
        this.own = own;
        this.metrics = metrics;
        this.symbols = symbols.stream().map(Symbol::value).toList();
        this.sink = sink;
    }

    /** To CloudWatch itself; nothing is opened before the second round. */
    public static Publisher toCloudWatch(
            Metrics metrics, CloudWatchMetrics own, List<Symbol> symbols, CloudWatchOptions options) {
        return new Publisher(metrics, own, symbols, new CloudWatchSink(options));
    }

    /**
     * One round. The first one only begins: while recording starts, the processor has better things to do than to load
     * another client.
     *
     * @param progress set idle while the network is waited for, so that nothing that hangs there can ever count as a hang of
     *     the collector; CloudWatch itself tells when nothing comes
     */
    public void publish(ThreadProgress progress) {
        if (!begun) {
            begun = true;
            return;
        }
        List<Datum> data = measure();
        PutException failure = null;
        for (int from = 0; from < data.size(); from += MAX_DATA) {
            List<Datum> call = data.subList(from, Math.min(data.size(), from + MAX_DATA));
            progress.idle();
            try {
                sink.put(call);
                own.puts.labelValues(Outcome.OK.label()).inc();
                call.forEach(datum -> told.merge(new Key(datum.number(), datum.symbol()), datum.value(), Double::sum));
            } catch (PutException e) {
                own.puts.labelValues(e.outcome().label()).inc();
                failure = e;
            }
            progress.busy();
        }
        log(failure);
    }

    private void log(@Nullable PutException failure) {
        if (failure != null && !failing) {
            LOG.warn(
                    "CloudWatch does not take our metrics; recording goes on, and it is tried again each round: {}",
                    failure.getMessage());
        } else if (failure == null && failing) {
            LOG.info("CloudWatch takes our metrics again");
        }
        failing = failure != null;
    }

    private List<Datum> measure() {
        Reading reading = Reading.of(metrics.registry());
        List<Datum> data = new ArrayList<>();
        for (AlarmNumber number : AlarmNumber.values()) {
            for (String symbol : number.isOfProcess() ? symbols.subList(0, 1) : symbols) {
                OptionalDouble value = number.read(reading, symbol);
                if (number.kind() == AlarmNumber.Kind.TOTAL) {
                    // A counter that has never moved has no value yet, and that is zero.
                    double before = told.getOrDefault(new Key(number, symbol), 0.0);
                    data.add(new Datum(number, symbol, value.orElse(0) - before));
                } else if (value.isPresent() && Double.isFinite(value.getAsDouble())) {
                    data.add(new Datum(number, symbol, value.getAsDouble()));
                }
            }
        }
        return data;
    }

    @Override
    public void close() {
        sink.close();
    }
}
