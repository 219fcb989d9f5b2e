package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.MissingIds.Gap;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MissingIdsTest {

    @Test
    void holdsTheSameIdsAsAPlainSetAfterRandomChanges() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            MissingIds missing = new MissingIds(1_000);
            Set<Long> model = new HashSet<>();
            long next = 0;
            for (int step = 0; step < 200; step++) {
                if (random.nextInt(3) == 0) {
                    long first = next + random.nextInt(5);
                    long last = first + random.nextInt(20);
                    missing.add(new IdRange(first, last), step);
                    for (long id = first; id <= last; id++) {
                        model.add(id);
                    }
                    next = last + 1;
                } else {
                    long first = next == 0 ? 0 : random.nextInt((int) next);
                    long last = first + random.nextInt(8);
                    missing.remove(new IdRange(first, last));
                    for (long id = first; id <= last; id++) {
                        model.remove(id);
                    }
                }
            }

            assertThat(missing.count()).as("seed %d", seed).isEqualTo(model.size());
            for (long id = -1; id <= next + 1; id++) {
                assertThat(missing.contains(id)).as("id %d, seed %d", id, seed).isEqualTo(model.contains(id));
            }
        }
    }

    @Test
    void remaindersOfAGapKeepItsAge() {
        MissingIds missing = new MissingIds(10);
        missing.add(new IdRange(10, 20), 7);

        missing.remove(new IdRange(13, 15));

        assertThat(missing.gaps())
                .containsExactly(new Gap(new IdRange(10, 12), 7, false), new Gap(new IdRange(16, 20), 7, false));
    }

    @Test
    void unrecoverableIdsAreNotCountedButStillMissing() {
        MissingIds missing = new MissingIds(10);
        missing.add(new IdRange(10, 20), 7);

        missing.markUnrecoverable(new IdRange(0, 14));

        assertThat(missing.count()).isEqualTo(6);
        assertThat(missing.contains(12)).isTrue();
        assertThat(missing.gaps())
                .containsExactly(new Gap(new IdRange(10, 14), 7, true), new Gap(new IdRange(15, 20), 7, false));
    }

    @Test
    void neverHoldsMoreGapsThanAllowedAndForgetsNoId() {
        MissingIds missing = new MissingIds(8);
        for (long id = 0; id < 1_000; id += 3) {
            missing.add(new IdRange(id, id), id);
            assertThat(missing.size()).isLessThanOrEqualTo(8);
        }
        for (long id = 0; id < 1_000; id += 3) {
            assertThat(missing.contains(id)).as("id %d", id).isTrue();
        }

        for (long id = 1; id < 900; id += 7) {
            missing.remove(new IdRange(id, id));
            assertThat(missing.size()).isLessThanOrEqualTo(8);
        }
        missing.remove(new IdRange(0, 2_000));
        assertThat(missing.gaps()).isEmpty();
    }
}
