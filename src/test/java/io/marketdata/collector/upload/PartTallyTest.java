package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartTallyTest {

    @Test
    void countsLinesBelowTheHighestIdBefore() {
        PartTally tally = tally(10, 12, 11, 13, 12);

        assertThat(tally.outOfOrder()).isEqualTo(2);
        assertThat(tally.summary().idFirst()).isEqualTo(10);
        assertThat(tally.summary().idLast()).isEqualTo(13);
    }

    @Test
    void writtenIdsWithoutALineAreLacking() {
        PartTally tally = tally(10, 12, 13, 40);

        assertThat(tally.lacking(List.of())).isEmpty();
        assertThat(tally.lacking(List.of(new IdRange(10, 10), new IdRange(12, 13))))
                .isEmpty();
        assertThat(tally.lacking(List.of(new IdRange(12, 15), new IdRange(8, 11), new IdRange(10, 10))))
                .containsExactly(new IdRange(8, 9), new IdRange(11, 11), new IdRange(14, 15));
    }

    private static PartTally tally(long... ids) {
        PartTally tally = new PartTally();
        for (long id : ids) {
            tally.add(id, 1_736_950_336_567L + id, 150);
        }
        return tally;
    }
}
