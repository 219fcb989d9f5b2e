package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectBudgetTest {

    private static final long WINDOW = ConnectBudget.WINDOW.toNanos();

    @Test
    void attemptsAreRefusedExactlyAtTheLimitOfFiveMinutes() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            ConnectBudget budget = new ConnectBudget(10);
            List<Long> taken = new ArrayList<>();
            // The monotonic clock may be anywhere, and overflow.
            long now = seed % 2 == 0 ? Long.MAX_VALUE - 20 * WINDOW : -WINDOW;
            for (int i = 0; i < 3_000; i++) {
                now += (long) (random.nextDouble() * WINDOW / 30);
                long at = now;
                long recent = taken.stream().filter(t -> at - t < WINDOW).count();

                boolean allowed = budget.take(now);

                assertThat(allowed).as("seed %d, attempt %d", seed, i).isEqualTo(recent < 10);
                if (allowed) {
                    taken.add(now);
                }
            }
        }
    }
}
