package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.process.Watchdog.Hang;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Time is the number of looks, so nothing here waits. */
class WatchdogTest {

    private final List<Hang> hangs = new ArrayList<>();
    private final Watchdog watchdog = new Watchdog(hangs::addAll);
    private final ThreadProgress progress = new ThreadProgress("rotate");

    private void watch(Duration limit) {
        watchdog.watch(progress, Thread.currentThread(), limit);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watchdog.look();
        }
    }

    @Test
    void aRoundThatTakesAsLongAsTheLimitIsAHang() {
        watch(Duration.ofSeconds(15));
        progress.busy();
        look(15);
        assertThat(hangs).isEmpty();

        look(1);

        assertThat(hangs).containsExactly(new Hang(Thread.currentThread(), Duration.ofSeconds(15)));
    }

    @Test
    void whoWaitsForTheNextRoundDoesNotHang() {
        watch(Duration.ofSeconds(2));
        look(100);
        progress.busy();
        progress.idle();
        look(100);

        assertThat(hangs).isEmpty();
    }

    @Test
    void roundsThatFollowEachOtherAreNoHangHoweverLongTheyGoOn() {
        watch(Duration.ofSeconds(2));
        for (int i = 0; i < 100; i++) {
            progress.busy();
            look(2);
            if (i % 3 == 0) {
                progress.idle();
            }
        }

        assertThat(hangs).isEmpty();
    }

    @Test
    void aPauseOfTheWholeProcessCountsAsOneLook() {
        watch(Duration.ofSeconds(2));
        progress.busy();
        look(1);
        // here the process is stopped for an hour; then the watchdog wakes first, and then the thread
        look(1);
        progress.idle();
        look(1);

        assertThat(hangs).isEmpty();
    }

    @Test
    void partsOfASecondAreRoundedUp() {
        watch(Duration.ofMillis(2_001));
        progress.busy();
        look(3);
        assertThat(hangs).isEmpty();

        look(1);

        assertThat(hangs).hasSize(1);
    }

    @Test
    void aThreadThatHasEndedIsForgotten() {
        watch(Duration.ofSeconds(2));
        progress.busy();
        look(1);
        watchdog.forget(progress);
        look(100);

        assertThat(hangs).isEmpty();
        assertThat(watchdog.names()).isEmpty();
    }

    @Test
    void allThatHangAreNamedTheLongestFirst() {
        ThreadProgress waiting = new ThreadProgress("connection-2.1");
        Thread other = new Thread(() -> {}, "connection-2.1");
        watch(Duration.ofSeconds(2));
        watchdog.watch(waiting, other, Duration.ofSeconds(1));
        progress.busy();
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
        ThreadProgress upload = new ThreadProgress("upload-1");
        watch(Duration.ofSeconds(100));
        watchdog.watch(upload, Thread.currentThread(), Duration.ofSeconds(3));
        progress.busy();
        upload.busy();
        look(4);

        assertThat(hangs).hasSize(1);
        assertThat(watchdog.names()).containsExactly("rotate", "upload-1");
    }
}
