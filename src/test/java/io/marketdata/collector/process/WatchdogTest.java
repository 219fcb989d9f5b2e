package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Heartbeat;
import io.marketdata.collector.process.Watchdog.Hang;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Time is the number of looks, so nothing here waits. */
class WatchdogTest {

    private final List<Hang> hangs = new ArrayList<>();
    private final Watchdog watchdog = new Watchdog(hangs::addAll);
    private final Heartbeat heart = new Heartbeat("rotate");

    private void watch(Duration limit) {
        watchdog.watch(heart, Thread.currentThread(), limit);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watchdog.look();
        }
    }

    @Test
    void aRoundThatTakesAsLongAsTheLimitIsAHang() {
        watch(Duration.ofSeconds(15));
        heart.busy();
        look(15);
        assertThat(hangs).isEmpty();

        look(1);

        assertThat(hangs).containsExactly(new Hang(Thread.currentThread(), Duration.ofSeconds(15)));
    }

    @Test
    void whoWaitsForTheNextRoundDoesNotHang() {
        watch(Duration.ofSeconds(2));
        look(100);
        heart.busy();
        heart.idle();
        look(100);

        assertThat(hangs).isEmpty();
    }

    @Test
    void roundsThatFollowEachOtherAreNoHangHoweverLongTheyGoOn() {
        watch(Duration.ofSeconds(2));
        for (int i = 0; i < 100; i++) {
            heart.busy();
            look(2);
            if (i % 3 == 0) {
                heart.idle();
            }
        }

        assertThat(hangs).isEmpty();
    }

    @Test
    void aPauseOfTheWholeProcessCountsAsOneLook() {
        watch(Duration.ofSeconds(2));
        heart.busy();
        look(1);
        // here the process is stopped for an hour; then the watchdog wakes first, and then the thread
        look(1);
        heart.idle();
        look(1);

        assertThat(hangs).isEmpty();
    }

    @Test
    void partsOfASecondAreRoundedUp() {
        watch(Duration.ofMillis(2_001));
        heart.busy();
        look(3);
        assertThat(hangs).isEmpty();

        look(1);

        assertThat(hangs).hasSize(1);
    }

    @Test
    void aThreadThatHasEndedIsForgotten() {
        watch(Duration.ofSeconds(2));
        heart.busy();
        look(1);
        watchdog.forget(heart);
        look(100);

        assertThat(hangs).isEmpty();
        assertThat(watchdog.names()).isEmpty();
    }

    @Test
    void allThatHangAreNamedTheLongestFirst() {
        Heartbeat waiting = new Heartbeat("link-2.1");
        Thread other = new Thread(() -> {}, "link-2.1");
        watch(Duration.ofSeconds(2));
        watchdog.watch(waiting, other, Duration.ofSeconds(1));
        heart.busy();
        look(1);
        waiting.busy();
        look(2);

        assertThat(hangs)
                .containsExactly(
                        new Hang(Thread.currentThread(), Duration.ofSeconds(2)),
                        new Hang(other, Duration.ofSeconds(1)));
    }

    @Test
    void eachThreadHasItsOwnLimit() {
        Heartbeat ship = new Heartbeat("ship-1");
        watch(Duration.ofSeconds(100));
        watchdog.watch(ship, Thread.currentThread(), Duration.ofSeconds(3));
        heart.busy();
        ship.busy();
        look(4);

        assertThat(hangs).hasSize(1);
        assertThat(watchdog.names()).containsExactly("rotate", "ship-1");
    }
}
