package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

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
    private static final long FAR = SequenceTracker.ORDINARY_GAP + 2;
    private static final int A = 0;
    private static final int B = 1;

    private SequenceTracker tracker = new SequenceTracker();

    /** Trade time, which rises with every trade that is offered. */
    private long timeMs = 1_000;

    /** Two connections with drops, swaps and repeats, and restarts of the collector, for many seeds. */
    @Test
    void everyIdIsRecordedOrInExactlyOneGap() {
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            tracker = new SequenceTracker();
            long first = BTCUSDT_ID + random.nextInt(10);
            int count = 50 + random.nextInt(400);
            List<Long> a = connection(random, first, count);
            List<Long> b = connection(random, first, count);
            Set<Long> recorded = new HashSet<>();
            long least = Long.MAX_VALUE;
            int i = 0;
            int j = 0;
            while (i < a.size() || j < b.size()) {
                boolean fromA = j >= b.size() || (i < a.size() && random.nextBoolean());
                int burst = 1 + random.nextInt(20);
                for (int k = 0; k < burst && (fromA ? i < a.size() : j < b.size()); k++) {
                    long id = fromA ? a.get(i++) : b.get(j++);
                    offer(id, id, fromA ? A : B);
                    recorded.add(id);
                }
                least = Math.min(least, tracker.first());
                if (random.nextInt(40) == 0) {
                    restart();
                }
            }

            assertPartition(recorded, least, seed);
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
            next.resume(tracker.highest(), tracker.highestTimeMs(), tracker.gaps(), tracker.ahead());
        }
        tracker = next;
    }

    /** Each id between the least known and the highest is either recorded or in exactly one gap. */
    private void assertPartition(Set<Long> recorded, long least, long seed) {
        Set<Long> missing = new HashSet<>();
        for (Gap gap : tracker.gaps()) {
            for (long id = gap.ids().first(); id <= gap.ids().last(); id++) {
                assertThat(missing.add(id))
                        .as("id %d twice missing, seed %d", id, seed)
                        .isTrue();
                assertThat(recorded).as("seed %d", seed).doesNotContain(id);
            }
        }
        for (long id = least; id <= tracker.highest(); id++) {
            assertThat(recorded.contains(id) || missing.contains(id))
                    .as("id %d, seed %d", id, seed)
                    .isTrue();
        }
        assertThat(tracker.highest()).isEqualTo(Collections.max(recorded));
    }

    @Test
    void failedWriteLeavesTheIdMissing() {
        offer(10);

        assertThat(tracker.judge(11, 2_000, A)).isEqualTo(SequenceVerdict.NEXT);
        assertThat(tracker.judge(11, 2_000, A)).isEqualTo(SequenceVerdict.NEXT);
        assertThat(offer(12)).isEqualTo(SequenceVerdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(11, 11));
    }

    @Test
    void skippedIdsOpenAGapAndLateIdsCloseIt() {
        offer(10);
        assertThat(offer(15)).isEqualTo(SequenceVerdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(11, 14));

        assertThat(offer(13)).isEqualTo(SequenceVerdict.FILLS_GAP);
        assertThat(gaps()).containsExactly(new IdRange(11, 12), new IdRange(14, 14));
        assertThat(tracker.missingCount()).isEqualTo(3);
        offer(11);
        offer(12);
        offer(14);
        assertThat(tracker.gaps()).isEmpty();
    }

    @Test
    void firstTradeOfASlowerConnectionOpensTheGapAfterIt() {
        offer(100, 1_000, A);
        assertThat(offer(97, 999, B)).isEqualTo(SequenceVerdict.BEFORE_FIRST);
        assertThat(offer(98, 999, B)).isEqualTo(SequenceVerdict.FILLS_GAP);
        assertThat(gaps()).containsExactly(new IdRange(99, 99));
        assertThat(offer(50, 1_001, B)).as("made after the first one").isEqualTo(SequenceVerdict.BELOW);
    }

    @Test
    void tradesMissedDuringARestartAreAGap() {
        tracker.resume(100, 900, List.of(new Gap(new IdRange(40, 41), 0, false)), List.of(new IdRange(110, 111)));

        assertThat(offer(90, 800, A)).as("not known to be recorded").isEqualTo(SequenceVerdict.BELOW);
        assertThat(offer(41, 800, A)).isEqualTo(SequenceVerdict.FILLS_GAP);
        assertThat(offer(121)).isEqualTo(SequenceVerdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(40, 40), new IdRange(101, 109), new IdRange(112, 120));
        assertThat(tracker.ahead()).isEmpty();
    }

    @Test
    void idFarAheadMovesNothingUntilAnotherConnectionDeliversIt() {
        offer(10);
        long far = 10 + FAR;
        assertThat(offer(far, 2_000, A)).isEqualTo(SequenceVerdict.FAR_AHEAD);
        assertThat(offer(far, 2_000, A)).as("the same connection").isEqualTo(SequenceVerdict.FAR_AHEAD);
        assertThat(tracker.highest()).isEqualTo(10);
        assertThat(tracker.gaps()).isEmpty();
        assertThat(tracker.ahead()).containsExactly(new IdRange(far, far));
        assertThat(tracker.isInDoubt()).isTrue();

        assertThat(tracker.deliveredAgain(far, 2_000, B, 0)).containsExactly(new IdRange(11, far - 1));
        assertThat(tracker.highest()).isEqualTo(far);
        assertThat(tracker.isInDoubt()).isFalse();
        assertThat(offer(11, 2_000, B)).isEqualTo(SequenceVerdict.FILLS_GAP);
    }

    @Test
    void aRunOfThreeIdsIsEvidenceAndARunThatIsBrokenIsNot() {
        offer(10);
        assertThat(offer(10 + FAR)).isEqualTo(SequenceVerdict.FAR_AHEAD);
        assertThat(offer(11 + FAR)).isEqualTo(SequenceVerdict.FAR_AHEAD);
        assertThat(offer(11)).as("breaks the run").isEqualTo(SequenceVerdict.NEXT);
        assertThat(offer(12 + FAR)).isEqualTo(SequenceVerdict.FAR_AHEAD);
        assertThat(offer(13 + FAR)).isEqualTo(SequenceVerdict.FAR_AHEAD);
        assertThat(offer(14 + FAR)).isEqualTo(SequenceVerdict.AHEAD);
        assertThat(gaps()).containsExactly(new IdRange(12, 9 + FAR));
    }

    @Test
    void restConfirmsAnIdFarAheadAndForgetsOneThatItDoesNotHave() {
        offer(10);
        offer(10 + FAR);
        assertThat(tracker.exchangeHas(10, 1_001, 0)).isEmpty();
        assertThat(tracker.isInDoubt()).isFalse();

        offer(11 + FAR);
        assertThat(tracker.exchangeHas(12 + FAR, 5_000, 0))
                .containsExactly(new IdRange(11, 9 + FAR), new IdRange(12 + FAR, 12 + FAR));
        assertThat(tracker.highest()).isEqualTo(12 + FAR);
    }

    @Test
    void restAloneFarAheadNeedsASecondAnswer() {
        offer(10);
        assertThat(tracker.exchangeHas(900_000_000_000L, 5_000, 0)).isEmpty();
        assertThat(tracker.isInDoubt()).isTrue();
        assertThat(tracker.exchangeHas(10 + FAR, 5_000, 0)).as("another answer").isEmpty();
        assertThat(tracker.exchangeHas(20 + FAR, 5_000, 0)).containsExactly(new IdRange(11, 20 + FAR));
        assertThat(tracker.isInDoubt()).isFalse();
    }

    @Test
    void newSequenceIsBelievedWithItsThirdIdHoweverSmallTheDistance() {
        for (long distance : new long[] {4, 900, 2_000_000}) {
            tracker = new SequenceTracker();
            offer(BTCUSDT_ID);
            offer(BTCUSDT_ID + 3);
            long id = BTCUSDT_ID - distance;

            assertThat(offer(id)).isEqualTo(SequenceVerdict.BELOW);
            assertThat(offer(id + 1)).isEqualTo(SequenceVerdict.BELOW);
            assertThat(offer(id + 2)).isEqualTo(SequenceVerdict.RESET);
            assertThat(tracker.first()).isEqualTo(id);
            assertThat(tracker.gaps()).isEmpty();
            assertThat(offer(id + 3)).isEqualTo(SequenceVerdict.NEXT);
        }
    }

    @Test
    void oldTradesAreNoNewSequence() {
        offer(100, 1_000, A);
        for (long id = 50; id < 60; id++) {
            assertThat(offer(id, 1_000, A)).as("traded no later than 100").isNotEqualTo(SequenceVerdict.RESET);
        }
        assertThat(tracker.highest()).isEqualTo(100);

        tracker.ignoreTimes();
        offer(20_050 - FAR - FAR, 1_000, A);
        assertThat(tracker.highest()).isEqualTo(100);
    }

    @Test
    void timesAreIgnoredUntilAnIdIsBelieved() {
        tracker.resume(100, Long.MAX_VALUE, List.of(), List.of());
        for (long id = 50; id < 60; id++) {
            assertThat(offer(id)).isEqualTo(SequenceVerdict.BELOW);
        }
        tracker.ignoreTimes();
        offer(60);
        offer(61);
        assertThat(offer(62)).isEqualTo(SequenceVerdict.RESET);
        assertThat(offer(63)).isEqualTo(SequenceVerdict.NEXT);
    }

    @Test
    void singleIdsFarBelowStartNoSequence() {
        offer(BTCUSDT_ID);
        for (int i = 1; i <= 20; i++) {
            assertThat(offer(BTCUSDT_ID - 2_000_000)).isEqualTo(SequenceVerdict.BELOW);
            assertThat(offer(BTCUSDT_ID + i)).isEqualTo(SequenceVerdict.NEXT);
            assertThat(offer(BTCUSDT_ID - 2_000_000 + i)).isEqualTo(SequenceVerdict.BELOW);
        }
    }

    @Test
    void connectionThatIsBehindDuringASequenceResetOpensNoGiantGap() {
        offer(BTCUSDT_ID, 100, A);
        offer(BTCUSDT_ID + 2, 101, A);
        for (long id = 0; id < 5; id++) {
            offer(id, 200 + id, A);
        }
        assertThat(offer(BTCUSDT_ID + 1, 101, B)).isEqualTo(SequenceVerdict.FORMER_SEQUENCE);
        assertThat(offer(BTCUSDT_ID + 3, 102, B)).isEqualTo(SequenceVerdict.FORMER_SEQUENCE);
        for (long id = BTCUSDT_ID + 6; id < BTCUSDT_ID + 12; id++) {
            assertThat(offer(id, 103, B)).isEqualTo(SequenceVerdict.FAR_AHEAD);
        }
        assertThat(offer(5, 205, A)).isEqualTo(SequenceVerdict.NEXT);
        assertThat(tracker.gaps()).isEmpty();
        assertThat(tracker.highest()).isEqualTo(5);
    }

    @Test
    void sequenceThatContinuesAfterAFalseResetIsBelievedAgain() {
        offer(BTCUSDT_ID);
        offer(BTCUSDT_ID + 2);
        for (long id = 70; id < 73; id++) {
            offer(id);
        }
        assertThat(tracker.highest()).isEqualTo(72);

        assertThat(offer(BTCUSDT_ID + 3)).isEqualTo(SequenceVerdict.FORMER_SEQUENCE);
        assertThat(tracker.highest()).isEqualTo(BTCUSDT_ID + 3);
        assertThat(gaps()).containsExactly(new IdRange(BTCUSDT_ID + 1, BTCUSDT_ID + 1));
    }

    @Test
    void damagedIdFarAboveLosesNoneOfTheFollowingTrades() {
        offer(10);
        offer(900_000_000_000_000_000L);

        for (long id = 11; id < 30; id++) {
            assertThat(offer(id)).isEqualTo(SequenceVerdict.NEXT);
        }
        assertThat(tracker.gaps()).isEmpty();
    }

    @Test
    void idsThatTheExchangeReportsAndNoConnectionDeliversAreMissing() {
        tracker.exchangeHas(50, 1_000, 0);
        assertThat(tracker.gaps()).as("recording begins after 50").isEmpty();
        assertThat(offer(50, 1_000, A)).as("it was already on its way").isEqualTo(SequenceVerdict.BEFORE_FIRST);
        offer(51);

        tracker.exchangeHas(55, 2_000, 7);
        tracker.exchangeHas(54, 2_000, 8);

        assertThat(tracker.gaps()).containsExactly(new Gap(new IdRange(52, 55), 7, false));
        assertThat(offer(54)).isEqualTo(SequenceVerdict.FILLS_GAP);
        assertThat(offer(56)).isEqualTo(SequenceVerdict.NEXT);
    }

    @Test
    void lostTradesAreMissingAgain() {
        for (long id = 10; id < 20; id++) {
            offer(id);
        }
        offer(22);
        assertThat(tracker.lost(new IdRange(15, 30), 3)).containsExactly(new IdRange(15, 19), new IdRange(22, 22));
        assertThat(gaps()).containsExactly(new IdRange(15, 19), new IdRange(20, 21), new IdRange(22, 22));
        assertThat(offer(15)).isEqualTo(SequenceVerdict.FILLS_GAP);
        assertThat(tracker.lost(new IdRange(40, 50), 3)).isEmpty();
    }

    @Test
    void memoryIsBoundedForEverySequence() {
        long id = BTCUSDT_ID;
        for (int i = 0; i < 3 * SequenceTracker.MAX_GAPS; i++) {
            offer(id);
            id += 2;
        }
        assertThat(tracker.gaps()).hasSizeLessThanOrEqualTo(SequenceTracker.MAX_GAPS);
        assertThat(offer(BTCUSDT_ID + 1)).as("an early gap is still known").isEqualTo(SequenceVerdict.FILLS_GAP);
        for (int i = 0; i < 3_000; i++) {
            offer(id + 2 * FAR + 2L * i);
        }
        assertThat(tracker.ahead()).hasSizeLessThanOrEqualTo(1_000);
    }

    private SequenceVerdict offer(long id) {
        return offer(id, timeMs++, A);
    }

    private SequenceVerdict offer(long id, long tradeTimeMs, int connection) {
        SequenceVerdict verdict = tracker.judge(id, tradeTimeMs, connection);
        tracker.take(id, tradeTimeMs, connection, verdict, 0);
        return verdict;
    }

    private List<IdRange> gaps() {
        return tracker.gaps().stream().map(Gap::ids).toList();
    }
}
