package io.marketdata.collector.cloudwatch;

import io.marketdata.collector.cloudwatch.MetricSink.Outcome;
import io.marketdata.collector.cloudwatch.MetricSink.PutException;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.store.AwsClients;
import io.marketdata.collector.store.AwsConfigurationException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the {@link AlarmNumber}s of one process to CloudWatch, once per cycle. Nothing is queued: what a failed call did
 * not deliver is published by the next one, counters as the sum of both cycles. So a count is published at least once; if
 * the answer of a call is lost it is published twice, which may raise an alarm too early but never too late.
 *
 * <p>One thread. No failure leaves this class; the first failure of an outage and the end of the outage are logged, and
 * each failure is counted.
 */
public final class Publisher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    /**
     * Values in one call. CloudWatch allows 1,000 and 1 MB (API reference, PutMetricData, read 2026-11); 1,000 of ours are
     * about 110 kB.
     */
    static final int MAX_DATA = 1_000;

    private final Metrics metrics;
    private final CloudWatchMetrics own;
    private final List<String> symbols;
    private final MetricSink sink;
    private final Map<Key, Double> published = new HashMap<>();
    private boolean begun;
    private boolean failing;

    private record Key(AlarmNumber number, String symbol) {}

    /**
     * @param own what publishing counts
     * @param symbols at least one; numbers of the process are published under the first
     */
    Publisher(Metrics metrics, CloudWatchMetrics own, List<Symbol> symbols, MetricSink sink) {
        this.own = own;
        this.metrics = metrics;
        this.symbols = symbols.stream().map(Symbol::value).toList();
        this.sink = sink;
    }

    /** Publishes to CloudWatch itself; opens nothing before the second cycle. */
    public static Publisher toCloudWatch(
            Metrics metrics,
            CloudWatchMetrics own,
            List<Symbol> symbols,
            CloudWatchOptions options,
            AwsClients clients) {
        return new Publisher(metrics, own, symbols, new CloudWatchSink(options, clients));
    }

    /**
     * Scheme, host and port that the calls would go to. Sends nothing.
     *
     * @throws AwsConfigurationException if the AWS SDK cannot use its own configuration
     */
    public static URI address(CloudWatchOptions options) throws AwsConfigurationException {
        return CloudWatchSink.address(options);
    }

    /**
     * Runs one cycle. The first one publishes nothing, so that loading another client does not compete for the processor with
     * the start of recording.
     *
     * @param progress set idle while waiting for the network, so that a hang there never counts as a hang of the collector;
     *     an alarm in CloudWatch reports missing values
     */
    public void publish(ThreadProgress progress) {
        if (!begun) {
            begun = true;
            return;
        }
        List<Datum> data = measure();
        PutException failure = null;
        for (int from = 0; from < data.size(); from += MAX_DATA) {
            progress.idle();
            try {
                put(data.subList(from, Math.min(data.size(), from + MAX_DATA)));
            } catch (PutException e) {
                own.puts.labelValues(e.outcome().label()).inc();
                failure = e;
            }
            progress.busy();
        }
        log(failure);
    }

    private void put(List<Datum> call) throws PutException {
        sink.put(call);
        own.puts.labelValues(Outcome.OK.label()).inc();
        call.forEach(datum -> published.merge(new Key(datum.number(), datum.symbol()), datum.value(), Double::sum));
    }

    private void log(@Nullable PutException failure) {
        if (failure != null && !failing) {
            String reason = failure.getMessage();
            LOG.warn("Cannot publish metrics to CloudWatch, recording continues; retrying every cycle: {}", reason);
        } else if (failure == null && failing) {
            LOG.info("Publishing metrics to CloudWatch again");
        }
        failing = failure != null;
    }

    private List<Datum> measure() {
        Reading reading = new Reading(metrics.registry());
        List<Datum> data = new ArrayList<>();
        for (AlarmNumber number : AlarmNumber.values()) {
            for (String symbol : number.isOfProcess() ? symbols.subList(0, 1) : symbols) {
                OptionalDouble value = number.read(reading, symbol);
                if (number.kind() == AlarmNumber.Kind.TOTAL) {
                    // A counter that was never incremented has no value yet; it counts as zero.
                    double before = published.getOrDefault(new Key(number, symbol), 0.0);
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
