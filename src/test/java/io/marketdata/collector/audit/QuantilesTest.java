package io.marketdata.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QuantilesTest {

    @Test
    void quantilesAreValuesOfTheSortedList() {
        assertThat(Quantiles.of(LongStream.rangeClosed(1, 100))).isEqualTo(new Quantiles(100, 1, 50, 95, 99, 100));
        assertThat(Quantiles.of(LongStream.of(7))).isEqualTo(new Quantiles(1, 7, 7, 7, 7, 7));
        assertThat(Quantiles.of(LongStream.of(3, 1, 2))).isEqualTo(new Quantiles(3, 1, 2, 3, 3, 3));
        assertThat(Quantiles.of(LongStream.empty())).isEqualTo(Quantiles.NONE);
    }

    @Test
    void histogramIsAtMostAThirtySecondAboveTheTrueQuantile() {
        Random random = new Random(1);
        for (int round = 0; round < 200; round++) {
            long bound = 1L << random.nextInt(1, 40);
            long[] values = random.longs(500, -bound / 8, bound).toArray();
            DelayHistogram histogram = new DelayHistogram();
            LongStream.of(values).forEach(histogram::add);
            Quantiles exact = Quantiles.of(LongStream.of(values));
            Quantiles counted = histogram.quantiles();
            assertThat(counted.count()).isEqualTo(500);
            assertThat(counted.min()).isEqualTo(exact.min());
            assertThat(counted.max()).isEqualTo(exact.max());
            isJustAbove(counted.p50(), exact.p50());
            isJustAbove(counted.p95(), exact.p95());
            isJustAbove(counted.p99(), exact.p99());
        }
    }

    private static void isJustAbove(long counted, long exact) {
        assertThat(counted).isBetween(exact, exact + Math.abs(exact) / 32 + 1);
    }

    @Test
    void anyDelayIsCounted() {
        DelayHistogram histogram = new DelayHistogram();
        for (long delay : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
            histogram.add(delay);
        }
        assertThat(histogram.quantiles().count()).isEqualTo(5);
        assertThat(histogram.quantiles().p50()).isZero();
        assertThat(new DelayHistogram().quantiles()).isEqualTo(Quantiles.NONE);
    }

    @Test
    void severalThreadsLoseNoDelay() throws Exception {
        DelayHistogram histogram = new DelayHistogram();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(new Thread(() -> LongStream.range(0, 100_000).forEach(histogram::add)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(histogram.quantiles().count()).isEqualTo(400_000);
    }
}
