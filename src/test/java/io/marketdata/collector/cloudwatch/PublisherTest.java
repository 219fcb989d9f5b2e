package io.marketdata.collector.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.cloudwatch.MetricSink.Outcome;
import io.marketdata.collector.cloudwatch.MetricSink.PutException;
import io.marketdata.collector.collect.CollectorMetrics;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.testkit.LogLines;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it reads the log of classes that other tests use")
class PublisherTest {

    private static final Symbol BTCUSDT = new Symbol("BTCUSDT");
    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");

    private final CollectorMetrics metrics = new CollectorMetrics(new Metrics());
    private final ThreadProgress progress = new ThreadProgress("cloudwatch");
    private final Calls calls = new Calls();
    private final Publisher publisher =
            new Publisher(metrics.all(), metrics.cloudWatch(), List.of(BTCUSDT, ETHUSDT), calls);

    /** Records calls and fails those that the test selects by number. */
    private final class Calls implements MetricSink {
        private final List<List<Datum>> all = new ArrayList<>();
        private final List<Long> cycles = new ArrayList<>();
        private IntPredicate fails = call -> false;

        @Override
        public void put(List<Datum> data) throws PutException {
            cycles.add(progress.cycle());
            all.add(List.copyOf(data));
            if (fails.test(all.size())) {
                throw new PutException(Outcome.REFUSED, "scripted", new IllegalStateException());
            }
        }

        @Override
        public void close() {}

        /** The values of the last call that publishes the number. */
        private List<Double> last(AlarmNumber number) {
            return all.get(all.size() - 1).stream()
                    .filter(datum -> datum.number() == number)
                    .map(Datum::value)
                    .toList();
        }
    }

    private void cycle() {
        progress.busy();
        publisher.publish(progress);
    }

    private double puts(Outcome outcome) {
        return metrics.cloudWatch().puts.labelValues(outcome.label()).get();
    }

    @Test
    void firstCyclePublishesNothing() {
        cycle();
        assertThat(calls.all).isEmpty();

        cycle();
        assertThat(calls.all).hasSize(1);
    }

    @Test
    void publishesEachNumberUnderItsSymbolAndProcessNumbersUnderTheFirst() {
        metrics.upload().tradesUploaded.labelValues("BTCUSDT").inc(11);
        metrics.upload().tradesUploaded.labelValues("ETHUSDT").inc(12);
        metrics.health().lastTradeAge.labelValues("BTCUSDT").set(0.5);
        metrics.health().lastTradeAge.labelValues("ETHUSDT").set(70);
        metrics.upload().idsMissing.labelValues("ETHUSDT").inc(13);
        metrics.feed().idsUnrecoverable.labelValues("BTCUSDT").inc(14);
        metrics.health().health.set(1);
        metrics.spool().spoolBytes.set(4_096);
        metrics.health().oldestPartAge.set(15.5);
        metrics.upload().putFailures.labelValues("refused").inc(2);
        metrics.upload().putFailures.labelValues("unavailable").inc(3);
        metrics.feed().disconnections.labelValues("broken").inc(6);
        metrics.rest().clockOffset.set(-2.5);
        cycle();
        cycle();

        assertThat(calls.all.get(0))
                .filteredOn(datum -> datum.number() != AlarmNumber.HEAP_USED)
                .containsExactly(
                        new Datum(AlarmNumber.UP, "BTCUSDT", 1),
                        new Datum(AlarmNumber.UP, "ETHUSDT", 1),
                        new Datum(AlarmNumber.RECORDS_UPLOADED, "BTCUSDT", 11),
                        new Datum(AlarmNumber.RECORDS_UPLOADED, "ETHUSDT", 12),
                        new Datum(AlarmNumber.LAST_TRADE_AGE, "BTCUSDT", 0.5),
                        new Datum(AlarmNumber.LAST_TRADE_AGE, "ETHUSDT", 70),
                        new Datum(AlarmNumber.GAP_TRADES, "BTCUSDT", 0),
                        new Datum(AlarmNumber.GAP_TRADES, "ETHUSDT", 13),
                        new Datum(AlarmNumber.UNRECOVERABLE_TRADES, "BTCUSDT", 14),
                        new Datum(AlarmNumber.UNRECOVERABLE_TRADES, "ETHUSDT", 0),
                        new Datum(AlarmNumber.HEALTH, "BTCUSDT", 1),
                        new Datum(AlarmNumber.SPOOL_BYTES, "BTCUSDT", 4_096),
                        new Datum(AlarmNumber.SPOOL_OLDEST_AGE, "BTCUSDT", 15.5),
                        new Datum(AlarmNumber.UPLOAD_FAILURES, "BTCUSDT", 5),
                        new Datum(AlarmNumber.RECONNECTS, "BTCUSDT", 6),
                        new Datum(AlarmNumber.CLOCK_SKEW, "BTCUSDT", 2_500));
        assertThat(calls.last(AlarmNumber.HEAP_USED))
                .singleElement()
                .satisfies(percent -> assertThat(percent).isBetween(0.1, 100.0));
    }

    @Test
    void skipsValuesThatAreNotFinite() {
        metrics.health().oldestPartAge.set(Double.NaN);
        metrics.spool().spoolBytes.set(Double.POSITIVE_INFINITY);
        cycle();
        cycle();

        assertThat(calls.last(AlarmNumber.SPOOL_OLDEST_AGE)).isEmpty();
        assertThat(calls.last(AlarmNumber.SPOOL_BYTES)).isEmpty();
        assertThat(calls.last(AlarmNumber.LAST_TRADE_AGE)).isEmpty();
        assertThat(calls.last(AlarmNumber.HEALTH)).containsExactly(0.0);
    }

    @Test
    void publishesTheGrowthOfCountersAndTheValueOfGauges() {
        cycle();
        metrics.feed().disconnections.labelValues("broken").inc(2);
        metrics.spool().spoolBytes.set(10);
        cycle();
        metrics.feed().disconnections.labelValues("broken").inc();
        cycle();

        assertThat(calls.last(AlarmNumber.RECONNECTS)).containsExactly(1.0);
        assertThat(calls.last(AlarmNumber.SPOOL_BYTES)).containsExactly(10.0);
        cycle();
        assertThat(calls.last(AlarmNumber.RECONNECTS)).containsExactly(0.0);
    }

    @Test
    void nextCallPublishesWhatAFailedCallDidNotDeliver() {
        calls.fails = call -> call == 1;
        metrics.feed().idsUnrecoverable.labelValues("BTCUSDT").inc(3);
        cycle();
        cycle();
        metrics.feed().idsUnrecoverable.labelValues("BTCUSDT").inc(4);
        cycle();

        assertThat(calls.last(AlarmNumber.UNRECOVERABLE_TRADES)).containsExactly(7.0, 0.0);
        cycle();
        assertThat(calls.last(AlarmNumber.UNRECOVERABLE_TRADES)).containsExactly(0.0, 0.0);
    }

    @Test
    void splitsManySymbolsIntoCallsOfAThousandValuesAndContinuesAfterAFailedCall() {
        List<Symbol> many = IntStream.range(0, 200)
                .mapToObj(i -> new Symbol("COIN" + i + "USDT"))
                .toList();
        many.forEach(symbol -> {
            metrics.upload().tradesUploaded.labelValues(symbol.value()).inc(10);
            metrics.health().lastTradeAge.labelValues(symbol.value()).set(1);
        });
        metrics.feed().disconnections.labelValues("broken").inc(5);
        calls.fails = call -> call == 1;
        Publisher ofMany = new Publisher(metrics.all(), metrics.cloudWatch(), many, calls);
        for (int i = 0; i < 3; i++) {
            ofMany.publish(progress);
        }

        assertThat(calls.all).extracting(List::size).containsExactly(1_000, 7, 1_000, 7);
        assertThat(calls.all.get(2))
                .filteredOn(datum -> datum.number() == AlarmNumber.RECORDS_UPLOADED)
                .hasSize(200)
                .allMatch(datum -> datum.value() == 10);
        assertThat(calls.last(AlarmNumber.RECONNECTS)).containsExactly(0.0);
    }

    @Test
    void logsTheStartAndTheEndOfAnOutageAndCountsEveryCall() {
        calls.fails = call -> call == 2 || call == 3 || call == 5;
        try (LogLines log = new LogLines(Publisher.class)) {
            for (int i = 0; i < 7; i++) {
                cycle();
            }

            assertThat(log.all()).hasSize(4);
            assertThat(log.all().get(0))
                    .startsWith("WARN Cannot publish metrics to CloudWatch")
                    .endsWith("scripted");
            assertThat(log.all().get(1)).startsWith("INFO").endsWith("again");
            assertThat(log.all().get(2)).startsWith("WARN");
            assertThat(log.all().get(3)).startsWith("INFO");
        }
        assertThat(puts(Outcome.OK)).isEqualTo(3);
        assertThat(puts(Outcome.REFUSED)).isEqualTo(3);
    }

    @Test
    void threadIsIdleWhileWaitingForCloudWatch() {
        cycle();
        cycle();

        assertThat(calls.cycles).containsExactly(-1L);
        assertThat(progress.cycle()).isPositive();
    }
}
