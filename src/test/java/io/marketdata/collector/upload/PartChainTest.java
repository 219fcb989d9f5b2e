package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartChainTest {

    private static final long TIME_MS = 1_736_950_336_567L;

    private final ManualTime time = new ManualTime();
    private final PartChain chain = new PartChain(time);

    @TempDir
    private Path folder;

    private Spool spool;

    @BeforeEach
    void open() throws IOException {
        FileOps disk = new LocalDisk();
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private List<IdRange> missing(PartTally tally, long highestBefore) {
        Checkpoint last = highestBefore < 0 ? null : checkpoint(highestBefore, List.of());
        return chain.step(spool, Origin.STREAM, tally, last, -1).missing();
    }

    private static Checkpoint checkpoint(long highest, List<Gap> gaps) {
        return new Checkpoint(
                TIME_MS, "key", Sha256.of(new byte[] {1}), highest, highest, TIME_MS + highest, gaps, List.of());
    }

    @Test
    void reportsGapsBetweenItsIds() {
        assertThat(missing(tally(10, 11, 13, 17), -1)).containsExactly(new IdRange(12, 12), new IdRange(14, 16));
    }

    @Test
    void reportsGapBeforeItsFirstIdIfEarlierIdsAreKnown() {
        assertThat(missing(tally(15, 16), 9)).containsExactly(new IdRange(10, 14));
        assertThat(missing(tally(15, 16), 14)).isEmpty();
        assertThat(missing(tally(15, 16), -1)).isEmpty();
    }

    @Test
    void lateTradesMakeNoGap() {
        assertThat(missing(tally(5), 20)).isEmpty();
        assertThat(missing(tally(5, 22), 20)).containsExactly(new IdRange(21, 21));
    }

    @Test
    void newSequenceIsReportedAndOpensNoGiantGap() {
        PartTally later = new PartTally();
        later.add(101, TIME_MS + 101, 150);
        for (long id : new long[] {7, 8, 9, 11}) {
            later.add(id, TIME_MS + 1_000 + id, 150);
        }
        PartChain.Step step = chain.step(spool, Origin.STREAM, later, checkpoint(100, List.of()), -1);

        assertThat(step.resetAt()).as("what the earlier run claimed was wrong").isZero();
        assertThat(step.missing()).containsExactly(new IdRange(0, 6), new IdRange(10, 10));
        assertThat(step.tracker().highest()).isEqualTo(11);
    }

    @Test
    void idFarAheadIsBelievedWhenTheNextPartProvesIt() {
        Checkpoint before = checkpoint(100, List.of());
        PartChain.Step first = chain.step(spool, Origin.STREAM, tally(101, 50_000, 50_001), before, -1);
        chain.keep(spool, first);
        assertThat(first.missing()).isEmpty();
        assertThat(first.tracker().highest()).isEqualTo(101);
        assertThat(first.tracker().ahead()).containsExactly(new IdRange(50_000, 50_001));

        PartChain.Step second = chain.step(spool, Origin.STREAM, tally(50_002), checkpoint(101, List.of()), -1);
        assertThat(second.missing()).containsExactly(new IdRange(102, 49_999));
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
            for (IdRange range : missing(tally, before)) {
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
