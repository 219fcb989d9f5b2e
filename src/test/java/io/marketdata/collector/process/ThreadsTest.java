package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadsTest {

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final List<String> hanging = new CopyOnWriteArrayList<>();
    private final Watchdog watchdog = new Watchdog(
            hangs -> hangs.forEach(hang -> hanging.add(hang.thread().getName())));
    private final Threads threads = new Threads(Time.SYSTEM, watchdog, faults::add);
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void stop() throws InterruptedException {
        end.countDown();
        assertThat(threads.stop(Duration.ofSeconds(30))).isTrue();
        assertThat(watchdog.names()).isEmpty();
    }

    private void check() {
        for (int i = 0; i < 4; i++) {
            watchdog.look();
        }
    }

    @Test
    void everyThreadIsWatchedUntilItEnds() {
        threads.start(new ThreadProgress("connection-1.1"), LIMIT, progress -> end.await());
        threads.loop("connections", LIMIT, progress -> end.await());
        threads.repeat("rotate", LIMIT, Duration.ofHours(1), progress -> end.await());

        assertThat(watchdog.names()).containsExactly("connection-1.1", "connections", "rotate");
    }

    @Test
    void workThatDoesNotReturnIsAHang() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        threads.loop("pack", LIMIT, progress -> {
            begun.countDown();
            end.await();
        });
        threads.repeat("fsync", LIMIT, Duration.ofHours(1), progress -> {
            begun.countDown();
            end.await();
        });
        begun.await();

        check();

        assertThat(hanging).contains("pack", "fsync");
    }

    @Test
    void stopEndsAPause() throws Exception {
        CountDownLatch pausing = new CountDownLatch(1);
        threads.repeat("backfill", LIMIT, progress -> {}, () -> {
            pausing.countDown();
            end.await();
        });
        pausing.await();

        check();
        assertThat(hanging).isEmpty();
        assertThat(threads.stop(Duration.ofSeconds(30), end::countDown)).isTrue();
    }

    @Test
    void pausesAndPlannedWaitsAreNoHang() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        ThreadProgress[] progresses = new ThreadProgress[2];
        threads.repeat("sweep", LIMIT, Duration.ofHours(1), progress -> {
            progresses[0] = progress;
            begun.countDown();
        });
        threads.loop("backfill", LIMIT, progress -> {
            progresses[1] = progress;
            progress.idle();
            begun.countDown();
            end.await();
        });
        begun.await();
        Await.until("both wait", () -> progresses[0].cycle() < 0 && progresses[1].cycle() < 0);

        check();

        assertThat(hanging).isEmpty();
    }

    @Test
    void uncaughtExceptionsErrorsAndInterruptsAreFaults() throws Exception {
        AtomicInteger number = new AtomicInteger();
        Error error = new AssertionError("planted");
        Exception exception = new Exception("planted");
        for (Throwable each : List.of(error, exception)) {
            threads.loop("loop-" + number.incrementAndGet(), LIMIT, progress -> {
                if (each instanceof Error planted) {
                    throw planted;
                }
                throw exception;
            });
        }
        threads.repeat(
                "interrupted",
                LIMIT,
                Duration.ofHours(1),
                progress -> Thread.currentThread().interrupt());

        Await.until(
                "all have failed", () -> faults.size() == 3 && watchdog.names().isEmpty());

        assertThat(faults).contains(error, exception).hasAtLeastOneElementOfType(InterruptedException.class);
    }
}
