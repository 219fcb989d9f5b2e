package io.marketdata.collector.model;

import static io.marketdata.collector.model.SequenceTracker.ORDINARY_GAP;
import static io.marketdata.collector.model.SequenceVerdict.AHEAD;
import static io.marketdata.collector.model.SequenceVerdict.BEFORE_FIRST;
import static io.marketdata.collector.model.SequenceVerdict.BELOW;
import static io.marketdata.collector.model.SequenceVerdict.FAR_AHEAD;
import static io.marketdata.collector.model.SequenceVerdict.FORMER_SEQUENCE;
import static io.marketdata.collector.model.SequenceVerdict.NEXT;
import static io.marketdata.collector.model.SequenceVerdict.RESET;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.MissingIds.Gap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exact limits of what {@link SequenceTracker} believes. */
class SequenceLimitsTest {

    private static final long FIRST = 1_000_000;
    private static final int A = 0;
    private static final int B = 1;

    private SequenceTracker tracker = new SequenceTracker();
    private long timeMs = 1_000;

    private SequenceVerdict offer(long id, long tradeTimeMs, int connection) {
        SequenceVerdict verdict = tracker.judge(id, tradeTimeMs, connection);
        tracker.take(id, tradeTimeMs, connection, verdict, 0);
        return verdict;
    }

    private SequenceVerdict offer(long id) {
        return offer(id, timeMs++, A);
    }

    private static List<IdRange> ids(long first, long last) {
        return List.of(new IdRange(first, last));
    }

    private List<IdRange> missing() {
        return tracker.gaps().stream().map(Gap::ids).toList();
    }

    @Test
    void ordinaryGapEndsAtItsLimit() {
        offer(FIRST);
        assertThat(tracker.judge(FIRST + ORDINARY_GAP + 1, timeMs, A)).isEqualTo(AHEAD);
        assertThat(tracker.judge(FIRST + ORDINARY_GAP + 2, timeMs, A)).isEqualTo(FAR_AHEAD);
    }

    @Test
    void earlierTradesBelongToTheRecordUpToTheLimitAndWhileTheyAreOlder() {
        offer(FIRST, 1_000, A);
        assertThat(tracker.judge(FIRST - ORDINARY_GAP, 1_000, A)).isEqualTo(BEFORE_FIRST);
        assertThat(tracker.judge(FIRST - ORDINARY_GAP - 1, 1_000, A)).isEqualTo(BELOW);
        assertThat(tracker.judge(FIRST - 1, 1_001, A)).isEqualTo(BELOW);
        assertThat(tracker.judge(FIRST, 1_000, A)).isEqualTo(BELOW);
        tracker = new SequenceTracker();
        tracker.resume(FIRST, 1_000, List.of(), List.of());
        assertThat(tracker.judge(FIRST - 1, 1_000, A))
                .as("an earlier run had it")
                .isEqualTo(BELOW);
    }

    @Test
    void restIsBelievedAloneUpToTheLimit() {
        offer(FIRST);
        assertThat(tracker.exchangeHas(FIRST, timeMs, 0)).isEmpty();
        assertThat(tracker.exchangeHas(FIRST + ORDINARY_GAP, timeMs, 0))
                .isEqualTo(ids(FIRST + 1, FIRST + ORDINARY_GAP));
        long next = FIRST + 2 * ORDINARY_GAP + 1;
        assertThat(tracker.exchangeHas(next, timeMs, 0)).isEmpty();
        assertThat(tracker.isInDoubt()).isTrue();
        assertThat(tracker.exchangeHas(next - 1, timeMs, 0)).isNotEmpty();
        assertThat(tracker.isInDoubt()).as("settled").isFalse();
        assertThat(tracker.exchangeHas(next + 5 * ORDINARY_GAP, timeMs, 0))
                .as("the first answer far ahead")
                .isEmpty();
    }

    @Test
    void restSettlesADoubtBelowOnlyNearItsAnswerAndFarBelowTheRecord() {
        long newest = 500;
        for (long doubted : new long[] {newest, newest + 1}) {
            start();
            assertThat(offer(doubted)).isEqualTo(BELOW);
            tracker.exchangeHas(newest, timeMs, 0);
            assertThat(tracker.highest()).isEqualTo(doubted == newest ? newest : FIRST);
        }
        start();
        offer(500);
        tracker.exchangeHas(500 + ORDINARY_GAP, timeMs, 0);
        assertThat(tracker.highest()).isEqualTo(500 + ORDINARY_GAP);
        start();
        offer(500);
        tracker.exchangeHas(501 + ORDINARY_GAP, timeMs, 0);
        assertThat(tracker.highest()).as("too far from the doubted id").isEqualTo(FIRST);
        start();
        offer(FIRST - ORDINARY_GAP - 1);
        tracker.exchangeHas(FIRST - ORDINARY_GAP, timeMs, 0);
        assertThat(tracker.highest()).as("an answer that lags").isEqualTo(FIRST);
        start();
        offer(FIRST - ORDINARY_GAP - 1);
        tracker.exchangeHas(FIRST - ORDINARY_GAP - 1, timeMs, 0);
        assertThat(tracker.highest()).isEqualTo(FIRST - ORDINARY_GAP - 1);
        assertThat(tracker.isInDoubt()).isFalse();
    }

    @Test
    void restConfirmsNoIdThatItDoesNotHaveAndNoOldTrade() {
        start();
        long far = FIRST + 5 * ORDINARY_GAP;
        offer(far);
        tracker.exchangeHas(far - 1, timeMs, 0);
        assertThat(tracker.highest()).isEqualTo(FIRST);
        start();
        offer(far, 1, A);
        tracker.exchangeHas(far, timeMs, 0);
        assertThat(tracker.highest()).isEqualTo(FIRST);
        start();
        offer(far);
        assertThat(tracker.exchangeHas(far, timeMs, 0)).isEqualTo(ids(FIRST + 1, far - 1));
        assertThat(tracker.isInDoubt()).isFalse();
    }

    private void start() {
        tracker = new SequenceTracker();
        offer(FIRST);
    }

    @Test
    void resetTakesTheMissingIdsNearBelowAndTheDoubtedOnes() {
        offer(4_980);
        for (long id = 4_996; id <= 5_010; id++) {
            offer(id);
        }
        offer(4_999);
        offer(5_000);
        assertThat(offer(5_001)).isEqualTo(RESET);
        assertThat(missing()).isEqualTo(ids(4_981, 4_998));
        assertThat(tracker.first()).isEqualTo(4_981);
        tracker = new SequenceTracker();
        for (long id = FIRST; id < FIRST + 2; id++) {
            offer(id);
        }
        offer(40_000);
        offer(500);
        offer(501);
        assertThat(offer(502)).isEqualTo(RESET);
        assertThat(tracker.first()).as("a doubted trade above stays out").isEqualTo(500);
        assertThat(missing()).isEmpty();
    }

    @Test
    void resetTakesDoubtedIdsUpToTheLimitAndNoLaterOnes() {
        long reset = 50_002;
        for (long doubted : new long[] {reset - ORDINARY_GAP, reset - ORDINARY_GAP - 1}) {
            start();
            offer(doubted, 2_000, A);
            offer(reset - 2, 2_000, A);
            offer(reset - 1, 2_000, A);
            assertThat(offer(reset, 2_000, A)).isEqualTo(RESET);
            assertThat(tracker.first()).isEqualTo(Math.max(doubted, doubted < reset - ORDINARY_GAP ? reset - 2 : 0));
        }
        start();
        offer(reset - 5, 2_001, A);
        offer(reset - 2, 2_000, A);
        offer(reset - 1, 2_000, A);
        offer(reset, 2_000, A);
        assertThat(tracker.first()).isEqualTo(reset - 2);
    }

    @Test
    void resetLeavesNothingInDoubt() {
        start();
        tracker.exchangeHas(FIRST + 9 * ORDINARY_GAP, timeMs++, 0);
        offer(FIRST + 5 * ORDINARY_GAP);
        for (long id = 500; id < 503; id++) {
            offer(id);
        }
        assertThat(tracker.highest()).isEqualTo(502);
        assertThat(tracker.ahead()).isEmpty();
        assertThat(tracker.isInDoubt()).isFalse();
    }

    @Test
    void onlyALeapEndsOtherDoubts() {
        start();
        offer(500);
        offer(FIRST + ORDINARY_GAP);
        assertThat(tracker.isDoubted(500)).isTrue();
        offer(FIRST + 2 * ORDINARY_GAP);
        assertThat(tracker.isDoubted(500)).isTrue();
        long far = FIRST + 9 * ORDINARY_GAP;
        offer(far, timeMs, A);
        tracker.deliveredAgain(far, timeMs++, B, 0);
        assertThat(tracker.isDoubted(500)).isFalse();
        tracker.exchangeHas(far + 9 * ORDINARY_GAP, timeMs, 0);
        assertThat(tracker.isInDoubt()).isTrue();
        for (long id = far + 3 * ORDINARY_GAP; id < far + 3 * ORDINARY_GAP + 3; id++) {
            offer(id);
        }
        assertThat(tracker.isInDoubt())
                .as("REST's answer, too, is from before the leap")
                .isFalse();
    }

    @Test
    void afterAnEarlierRunTheIdsNearBelowAResetAreMissing() {
        tracker.resume(FIRST, 1_000, List.of(), List.of());
        timeMs = 2_000;
        offer(500_000);
        offer(500_001);
        SequenceVerdict verdict = tracker.judge(500_002, timeMs, A);
        assertThat(tracker.take(500_002, timeMs, A, verdict, 0)).isEqualTo(ids(500_002 - ORDINARY_GAP, 499_999));
        assertThat(tracker.first()).isEqualTo(500_002 - ORDINARY_GAP);
        assertThat(missing()).isEqualTo(ids(500_002 - ORDINARY_GAP, 499_999));
    }

    @Test
    void believingAnIdFarAheadEndsEveryDoubt() {
        long far = FIRST + 5 * ORDINARY_GAP;
        start();
        offer(far, timeMs, A);
        offer(500, timeMs, A);
        assertThat(tracker.deliveredAgain(far, timeMs, B, 0)).isEqualTo(ids(FIRST + 1, far - 1));
        assertThat(tracker.isInDoubt()).isFalse();
    }

    @Test
    void aTradeDeliveredAgainIsNoEvidenceFromTheSameConnection() {
        start();
        long far = FIRST + 5 * ORDINARY_GAP;
        offer(far, timeMs, A);
        assertThat(tracker.deliveredAgain(far, timeMs, A, 0)).isEmpty();
        assertThat(tracker.highest()).isEqualTo(FIRST);
        assertThat(tracker.isDoubted(far)).isTrue();
        assertThat(tracker.isDoubted(FIRST)).isFalse();
        assertThat(tracker.deliveredAgain(FIRST, timeMs, B, 0)).isEmpty();
    }

    @Test
    void aTradeInBetweenEndsARun() {
        start();
        offer(500);
        offer(501);
        tracker.deliveredAgain(FIRST, timeMs, A, 0);
        assertThat(offer(502)).isEqualTo(BELOW);
        offer(FIRST + 1);
        offer(600);
        offer(601);
        offer(FIRST + 2);
        assertThat(offer(602)).isEqualTo(BELOW);
    }

    @Test
    void lostIdsAreMissingUpToTheHighest() {
        start();
        offer(FIRST + 1);
        assertThat(tracker.lost(new IdRange(FIRST + 1, FIRST + 5), 0)).isEqualTo(ids(FIRST + 1, FIRST + 1));
        assertThat(tracker.isMissing(FIRST + 1)).isTrue();
        assertThat(tracker.isMissing(FIRST)).isFalse();
        assertThat(tracker.lost(new IdRange(FIRST + 2, FIRST + 2), 0)).isEmpty();
        long far = FIRST + 5 * ORDINARY_GAP;
        offer(far);
        assertThat(tracker.lost(new IdRange(far, far), 0)).isEmpty();
        assertThat(tracker.isDoubted(far)).isFalse();
        assertThat(tracker.ahead()).isEmpty();
        assertThat(tracker.lost(new IdRange(FIRST - 3, FIRST - 3), 0)).isEqualTo(ids(FIRST - 3, FIRST - 3));
        assertThat(tracker.first()).isEqualTo(FIRST - 3);
    }

    @Test
    void backfilledIdsCloseGapsOfBothSequencesAndAreAheadUpToTheLimit() {
        start();
        offer(FIRST + 3);
        tracker.takeBackfilled(FIRST + 1);
        assertThat(missing()).isEqualTo(ids(FIRST + 2, FIRST + 2));
        tracker.takeBackfilled(FIRST + 3 + 10_000_000);
        tracker.takeBackfilled(FIRST + 3 + 10_000_001);
        tracker.takeBackfilled(FIRST + 3);
        assertThat(tracker.ahead()).isEqualTo(ids(FIRST + 3 + 10_000_000, FIRST + 3 + 10_000_000));
        for (long id = 500; id < 503; id++) {
            offer(id);
        }
        assertThat(tracker.judge(FIRST + 2, timeMs, A)).isEqualTo(FORMER_SEQUENCE);
        tracker.takeBackfilled(FIRST + 2);
        assertThat(tracker.judge(FIRST + 2, timeMs, A)).isNotEqualTo(FORMER_SEQUENCE);
    }

    @Test
    void formerSequenceReturnsOnlyWithALaterTrade() {
        start();
        offer(FIRST + 2);
        for (long id = 500; id < 503; id++) {
            offer(id);
        }
        long newest = timeMs - 1;
        assertThat(offer(FIRST + 1, newest + 5, A)).isEqualTo(FORMER_SEQUENCE);
        assertThat(tracker.highest()).as("a gap of the former one is filled").isEqualTo(502);
        assertThat(offer(FIRST + 3, newest, A)).isEqualTo(FORMER_SEQUENCE);
        assertThat(tracker.highest()).as("no later than the newest").isEqualTo(502);
        assertThat(offer(FIRST + 4, newest + 1, A)).isEqualTo(FORMER_SEQUENCE);
        assertThat(tracker.highest()).isEqualTo(FIRST + 4);
        assertThat(tracker.isInDoubt()).isFalse();
        assertThat(offer(503, newest, A)).isEqualTo(FORMER_SEQUENCE);
    }

    @Test
    void gapsKeepTheirMarks() {
        start();
        offer(FIRST + 10);
        tracker.markUnrecoverable(new IdRange(FIRST + 1, FIRST + 2));
        tracker.markOld(new IdRange(FIRST + 3, FIRST + 3));
        assertThat(tracker.missingCount()).isEqualTo(6);
        assertThat(tracker.isMissing(FIRST + 3)).isTrue();
        SequenceTracker without = SequenceTracker.without(SequenceRule.OLD_GAPS_ARE_KEPT);
        assertThat(without.obeys(SequenceRule.OLD_GAPS_ARE_KEPT)).isFalse();
        assertThat(without.obeys(SequenceRule.LATER_TIMES)).isTrue();
    }

    @Test
    void idsRecordedAheadOpenNoGapWhenTheyAreReached() {
        start();
        tracker.takeBackfilled(FIRST + 2);
        assertThat(offer(FIRST + 4)).isEqualTo(AHEAD);
        assertThat(missing()).containsExactly(new IdRange(FIRST + 1, FIRST + 1), new IdRange(FIRST + 3, FIRST + 3));
        assertThat(tracker.ahead()).isEmpty();
        assertThat(offer(FIRST + 5)).isEqualTo(NEXT);
    }

    @Test
    void twoAnswersOfRestAgreeWithinAMillion() {
        for (long apart : new long[] {0, 1_000_000, 1_000_001, -1}) {
            RestClaim claim = new RestClaim();
            assertThat(claim.isConfirmedBy(5_000_000)).isFalse();
            assertThat(claim.isConfirmedBy(5_000_000 + apart)).isEqualTo(apart == 0 || apart == 1_000_000);
            assertThat(claim.isOpen()).isEqualTo(apart != 0 && apart != 1_000_000);
        }
        RestClaim zero = new RestClaim();
        zero.isConfirmedBy(0);
        assertThat(zero.isOpen()).isTrue();
    }

    @Test
    void doubtsAreBoundedAndRemovedByRange() {
        Doubts doubts = new Doubts();
        assertThat(doubts.isEmpty()).isTrue();
        for (long id = 1; id <= 65; id++) {
            doubts.add(id, 1, A, false);
        }
        assertThat(doubts.contains(1)).isFalse();
        assertThat(doubts.contains(2)).isTrue();
        doubts.remove(new IdRange(10, 20));
        assertThat(doubts.ids((id, time) -> id >= 9 && id <= 21)).containsExactly(9L, 21L);
        doubts.clear();
        assertThat(doubts.isEmpty()).isTrue();
        doubts.add(7, 100, A, true);
        assertThat(doubts.runWith(8, 100, A).length()).isEqualTo(2);
        assertThat(doubts.runWith(8, 99, A).length()).isEqualTo(1);
        assertThat(doubts.runWith(9, 100, A).length()).isEqualTo(1);
        doubts.forgetIds();
        assertThat(doubts.isEmpty()).as("the run continues").isFalse();
        doubts.add(8, 100, A, false);
        assertThat(doubts.runWith(9, 100, A).length()).as("ended").isEqualTo(1);
        doubts.add(9, 100, A, true);
        doubts.clear();
        assertThat(doubts.runWith(10, 100, A).length()).isEqualTo(1);
    }
}
