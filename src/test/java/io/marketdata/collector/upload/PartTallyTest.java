package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PartTallyTest {

    @Test
    void reportsGapsBetweenItsIds() {
        assertThat(tally(10, 11, 13, 17).missing(-1)).containsExactly(new IdRange(12, 12), new IdRange(14, 16));
    }

    @Test
    void reportsGapBeforeItsFirstIdIfEarlierIdsAreKnown() {
        assertThat(tally(15, 16).missing(9)).containsExactly(new IdRange(10, 14));
        assertThat(tally(15, 16).missing(14)).isEmpty();
        assertThat(tally(15, 16).missing(-1)).isEmpty();
    }

    @Test
    void lateTradesMakeNoGap() {
        assertThat(tally(5).missing(20)).isEmpty();
        assertThat(tally(5, 22).missing(20)).containsExactly(new IdRange(21, 21));
    }

    @Test
    void countsLinesBelowTheHighestIdBefore() {
        PartTally tally = tally(10, 12, 11, 13, 12);

        assertThat(tally.outOfOrder()).isEqualTo(2);
        assertThat(tally.summary().idFirst()).isEqualTo(10);
        assertThat(tally.summary().idLast()).isEqualTo(13);
    }

    @Test
    void everyIdUpToTheLastIsEitherPresentOrMissing() {
        long seed = 9;
        Random random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            Set<Long> ids = new TreeSet<>();
            List<Long> order = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(50); i++) {
                long id = 1_000 + random.nextInt(100);
                ids.add(id);
                order.add(id);
            }
            long before = 990 + random.nextInt(50);
            PartTally tally = tally(order.stream().mapToLong(Long::longValue).toArray());

            Set<Long> missing = new TreeSet<>();
            for (IdRange range : tally.missing(before)) {
                for (long id = range.first(); id <= range.last(); id++) {
                    assertThat(missing.add(id)).isTrue();
                }
            }

            Set<Long> expected = new TreeSet<>();
            for (long id = before + 1; id <= tally.summary().idLast(); id++) {
                if (!ids.contains(id)) {
                    expected.add(id);
                }
            }
            assertThat(missing).as("seed %d, run %d", seed, run).isEqualTo(expected);
        }
    }

    private static PartTally tally(long... ids) {
        PartTally tally = new PartTally();
        for (long id : ids) {
            tally.add(id, 1_736_950_336_567L + id, 150);
        }
        return tally;
    }
}
