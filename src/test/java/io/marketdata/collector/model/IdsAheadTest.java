package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class IdsAheadTest {

    private final IdsAhead ids = new IdsAhead();

    @Test
    void consecutiveIdsAreOneRange() {
        for (long id = 1; id <= 5_000; id++) {
            ids.add(new IdRange(id, id));
        }
        assertThat(ids.ranges()).containsExactly(new IdRange(1, 5_000));
    }

    @Test
    void holdsWhatASetWouldHold() {
        Random random = new Random(5);
        Set<Long> expected = new TreeSet<>();
        for (int i = 0; i < 20_000; i++) {
            long first = random.nextInt(200);
            IdRange range = new IdRange(first, first + random.nextInt(10));
            List<Long> all =
                    LongStream.rangeClosed(range.first(), range.last()).boxed().toList();
            if (random.nextInt(3) > 0) {
                ids.remove(range);
                expected.removeAll(all);
            } else {
                ids.add(range);
                expected.addAll(all);
            }
            assertThat(ids.ranges().stream()
                            .flatMapToLong(each -> LongStream.rangeClosed(each.first(), each.last()))
                            .boxed())
                    .containsExactlyElementsOf(expected);
            assertThat(IdRange.joined(ids.ranges().stream())).isEqualTo(ids.ranges());
            assertThat(ids.contains(first)).isEqualTo(expected.contains(first));
        }
    }

    @Test
    void theHighestRangesAreForgottenBeyondTheLimit() {
        for (long id = 2; id <= 2_010; id += 2) {
            ids.add(new IdRange(id, id));
        }
        assertThat(ids.ranges()).hasSize(1_000).endsWith(new IdRange(2_000, 2_000));
    }
}
