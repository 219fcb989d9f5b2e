package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.SequenceTracker.Verdict;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds.Gap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceTrackerTest {

    private static final long BTCUSDT_ID = 6_595_931_385L;

    private SequenceTracker tracker = new SequenceTracker();

    /** Two connections with drops, swaps and repeats, and restarts of the collector, for many seeds. */
    @Test
    void eachIdIsAcceptedOnceAndIdsNeverSeenAreInExactlyOneGap() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            tracker = new SequenceTracker();
            long first = BTCUSDT_ID + random.nextInt(10);
            int count = 50 + random.nextInt(400);
            List<Long> a = connection(random, first, count);
            List<Long> b = connection(random, first, count);
            Set<Long> accepted = new HashSet<>();
            int i = 0;
            int j = 0;
            while (i < a.size() || j < b.size()) {
                boolean fromA = j >= b.size() || (i < a.size() && random.nextBoolean());
                int burst = 1 + random.nextInt(20);
                for (int k = 0; k < burst && (fromA ? i < a.size() : j < b.size()); k++) {
                    long id = fromA ? a.get(i++) : b.get(j++);
                    boolean isNew = offer(id) != Verdict.DUPLICATE;
                    assertThat(isNew).as("id %d, seed %d", id, seed).isEqualTo(accepted.add(id));
                }
                if (random.nextInt(40) == 0) {
                    restart();
                }
            }

            assertPartition(accepted, seed);
        }
    }

    /** Ids of one connection: ascending except for swapped neighbours, with drops and repeats. */
    private static List<Long> connection(Random random, long first, int count) {
        List<Long> ids = new ArrayList<>();
        int dropping = 0;
        for (long id = first; id < first + count; id++) {
            if (dropping == 0 && random.nextInt(30) == 0) {
                dropping = 1 + random.nextInt(25);
            }
            if (dropping > 0) {
                dropping--;
            } else {
                ids.add(id);
                if (random.nextInt(20) == 0) {
                    ids.add(id);
                }
            }
        }
        for (int i = 1; i < ids.size(); i++) {
            if (random.nextInt(15) == 0) {
                Collections.swap(ids, i, i - 1);
            }
        }
        return ids;
    }

    private void restart() {
        SequenceTracker next = new SequenceTracker();
        if (tracker.highest() >= 0) {
            next.resume(tracker.highest(), tracker.gaps());
        }
        tracker = next;
    }

    /** Each id between the least and the highest is either accepted or in exactly one gap. */
    private void assertPartition(Set<Long> accepted, long seed) {
        Set<Long> missing = new HashSet<>();
        for (Gap gap : tracker.gaps()) {
            for (long id = gap.ids().first(); id <= gap.ids().last(); id++) {
                assertThat(missing.add(id))
                        .as("id %d twice missing, seed %d", id, seed)
                        .isTrue();
                assertThat(accepted).as("seed %d", seed).doesNotContain(id);
            }
        }
        long least = Collections.min(accepted);
        for (long id = least; id <= tracker.highest(); id++) {
            assertThat(accepted.contains(id) || missing.contains(id))
                    .as("id %d, seed %d", id, seed)
                    .isTrue();
        }
        assertThat(tracker.highest()).isEqualTo(Collections.max(accepted));
    }

    @Test
    void failedWriteLeavesTheIdMissing() {
        offer(10);

        assertThat(tracker.judge(11)).isEqualTo(Verdict.NEXT);
        assertThat(tracker.judge(11)).isEqualTo(Verdict.NEXT);
        assertThat(offer(12)).isEqualTo(Verdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(11, 11));
    }

    @Test
    void skippedIdsOpenAGapAndLateIdsCloseIt() {
        offer(10);
        assertThat(offer(15)).isEqualTo(Verdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(11, 14));

        assertThat(offer(13)).isEqualTo(Verdict.FILLS_GAP);
        assertThat(offer(13)).isEqualTo(Verdict.DUPLICATE);
        assertThat(gaps()).containsExactly(new IdRange(11, 12), new IdRange(14, 14));
        assertThat(tracker.missingCount()).isEqualTo(3);
        offer(11);
        offer(12);
        offer(14);
        assertThat(tracker.gaps()).isEmpty();
    }

    @Test
    void firstTradeOfASlowerConnectionIsNotADuplicate() {
        offer(100);
        assertThat(offer(97)).isEqualTo(Verdict.BEFORE_FIRST);
        assertThat(offer(98)).isEqualTo(Verdict.FILLS_GAP);
        assertThat(gaps()).containsExactly(new IdRange(99, 99));
    }

    @Test
    void tradesMissedDuringARestartAreAGapAndRecordedOnesAreNot() {
        tracker.resume(100, List.of(new Gap(new IdRange(40, 41), 0, false)));

        assertThat(offer(90)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(41)).isEqualTo(Verdict.FILLS_GAP);
        assertThat(offer(121)).isEqualTo(Verdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(40, 40), new IdRange(101, 120));
    }

    @Test
    void sequenceResetLosesNoTradeAndOpensNoNegativeOrGiantGap() {
        offer(BTCUSDT_ID);
        offer(BTCUSDT_ID + 3);

        assertThat(offer(0)).isEqualTo(Verdict.SUSPECTED_RESET);
        assertThat(offer(0)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(1)).isEqualTo(Verdict.RESET);
        assertThat(offer(1)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(2)).isEqualTo(Verdict.NEXT);
        assertThat(offer(5)).isEqualTo(Verdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(3, 4));
        assertThat(tracker.highest()).isEqualTo(5);
    }

    @Test
    void singleIdFarBelowIsRecordedOnceAndResetsNothing() {
        offer(BTCUSDT_ID);
        long stale = BTCUSDT_ID - 2_000_000;

        assertThat(offer(stale)).isEqualTo(Verdict.SUSPECTED_RESET);
        for (int i = 1; i <= 20; i++) {
            assertThat(offer(BTCUSDT_ID + i)).isEqualTo(Verdict.NEXT);
            assertThat(offer(stale)).isEqualTo(Verdict.DUPLICATE);
        }
    }

    @Test
    void connectionThatIsBehindDuringASequenceResetOpensNoGiantGap() {
        offer(BTCUSDT_ID);
        offer(BTCUSDT_ID + 2);
        for (long id = 0; id < 5; id++) {
            offer(id);
        }
        assertThat(offer(BTCUSDT_ID)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(BTCUSDT_ID + 1)).isEqualTo(Verdict.FORMER_SEQUENCE);
        assertThat(offer(BTCUSDT_ID + 2)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(BTCUSDT_ID + 4)).isEqualTo(Verdict.FORMER_SEQUENCE);
        assertThat(offer(BTCUSDT_ID + 4)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(BTCUSDT_ID + 3)).isEqualTo(Verdict.FORMER_SEQUENCE);
        for (long id = 0; id < 5; id++) {
            assertThat(offer(id)).isEqualTo(Verdict.DUPLICATE);
        }
        assertThat(offer(5)).isEqualTo(Verdict.NEXT);
        assertThat(tracker.gaps()).isEmpty();
        assertThat(tracker.highest()).isEqualTo(5);
    }

    @Test
    void damagedIdFarAboveLosesNoneOfTheFollowingTrades() {
        offer(10);
        offer(900_000_000_000_000_000L);

        for (long id = 11; id < 30; id++) {
            assertThat(offer(id)).isEqualTo(Verdict.FILLS_GAP);
        }
        tracker.markUnrecoverable(new IdRange(30, 899_999_999_999_999_999L));
        assertThat(offer(30)).isEqualTo(Verdict.FILLS_GAP);
    }

    @Test
    void idsThatTheExchangeReportsAndNoConnectionDeliversAreMissing() {
        tracker.exchangeHas(50, 0);
        assertThat(tracker.gaps()).as("recording begins after 50").isEmpty();
        assertThat(offer(50)).as("it was already on its way").isEqualTo(Verdict.BEFORE_FIRST);
        offer(51);

        tracker.exchangeHas(55, 7);
        tracker.exchangeHas(54, 8);

        assertThat(tracker.gaps()).containsExactly(new Gap(new IdRange(52, 55), 7, false));
        assertThat(offer(54)).isEqualTo(Verdict.FILLS_GAP);
        assertThat(offer(56)).isEqualTo(Verdict.NEXT);
    }

    @Test
    void memoryIsBoundedForEverySequence() {
        long id = BTCUSDT_ID;
        for (int i = 0; i < 3 * SequenceTracker.MAX_GAPS; i++) {
            offer(id);
            id += 2;
        }
        assertThat(tracker.gaps()).hasSizeLessThanOrEqualTo(SequenceTracker.MAX_GAPS);
        assertThat(offer(BTCUSDT_ID + 1)).as("an early gap is still known").isEqualTo(Verdict.FILLS_GAP);
    }

    private Verdict offer(long id) {
        Verdict verdict = tracker.judge(id);
        tracker.take(id, verdict, 0);
        return verdict;
    }

    private List<IdRange> gaps() {
        return tracker.gaps().stream().map(Gap::ids).toList();
    }
}
