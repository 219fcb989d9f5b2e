package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.process.Watchdog.Hang;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Time is the number of checks, so no test waits. */
class WatchdogTest {

    private final List<Hang> hangs = new ArrayList<>();
    private final Watchdog watchdog = new Watchdog(hangs::addAll);
    private final ThreadProgress progress = new ThreadProgress("rotate");

    private void watch(Duration limit) {
        watchdog.watch(progress, Thread.currentThread(), limit);
    }

    private void check(int times) {
        for (int i = 0; i < times; i++) {
            watchdog.look();
        }
    }

    @Test
    void cycleAsLongAsItsLimitIsAHang() {
        watch(Duration.ofSeconds(15));
        progress.busy();
        check(15);
        assertThat(hangs).isEmpty();

        check(1);

        assertThat(hangs).containsExactly(new Hang(Thread.currentThread(), Duration.ofSeconds(15)));
    }

    @Test
    void threadWaitingForItsNextCycleDoesNotHang() {
        watch(Duration.ofSeconds(2));
        check(100);
        progress.busy();
        progress.idle();
        check(100);

        assertThat(hangs).isEmpty();
    }

    @Test
    void consecutiveCyclesAreNoHang() {
        watch(Duration.ofSeconds(2));
        for (int i = 0; i < 100; i++) {
            progress.busy();
            check(2);
            if (i % 3 == 0) {
                progress.idle();
            }
        }

        assertThat(hangs).isEmpty();
    }

    @Test
    void pauseOfTheWholeProcessCountsAsOneCheck() {
        watch(Duration.ofSeconds(2));
        progress.busy();
        check(1);
        // here the process is stopped for an hour; then the watchdog wakes first, and then the thread
        check(1);
        progress.idle();
        check(1);

        assertThat(hangs).isEmpty();
    }

    @Test
    void limitIsRoundedUpToWholeSeconds() {
        watch(Duration.ofMillis(2_001));
        progress.busy();
        check(3);
        assertThat(hangs).isEmpty();

        check(1);

        assertThat(hangs).hasSize(1);
    }

    @Test
    void endedThreadIsNoLongerWatched() {
        watch(Duration.ofSeconds(2));
        progress.busy();
        check(1);
        watchdog.forget(progress);
        check(100);

        assertThat(hangs).isEmpty();
        assertThat(watchdog.names()).isEmpty();
    }

    @Test
    void hangsAreReportedLongestFirst() {
        ThreadProgress waiting = new ThreadProgress("connection-2.1");
        Thread other = new Thread(() -> {}, "connection-2.1");
        watch(Duration.ofSeconds(2));
        watchdog.watch(waiting, other, Duration.ofSeconds(1));
        progress.busy();
        check(1);
        waiting.busy();
        check(2);

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
        check(4);

        assertThat(hangs).hasSize(1);
        assertThat(watchdog.names()).containsExactly("rotate", "upload-1");
    }
}
