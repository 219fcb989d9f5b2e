package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Heartbeat;
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

    private void look() {
        for (int i = 0; i < 4; i++) {
            watchdog.look();
        }
    }

    @Test
    void everyThreadIsUnderWatchUntilItEnds() {
        threads.start(new Heartbeat("link-1.1"), LIMIT, heart -> end.await());
        threads.loop("links", LIMIT, heart -> end.await());
        threads.repeat("rotate", LIMIT, Duration.ofHours(1), heart -> end.await());

        assertThat(watchdog.names()).containsExactly("link-1.1", "links", "rotate");
    }

    @Test
    void workThatDoesNotReturnIsAHangInALoopAndInARepetition() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        threads.loop("pack", LIMIT, heart -> {
            begun.countDown();
            end.await();
        });
        threads.repeat("fsync", LIMIT, Duration.ofHours(1), heart -> {
            begun.countDown();
            end.await();
        });
        begun.await();

        look();

        assertThat(hanging).contains("pack", "fsync");
    }

    @Test
    void whoStopsEndsThePauseThatWorkChose() throws Exception {
        CountDownLatch pausing = new CountDownLatch(1);
        threads.repeat("recover", LIMIT, heart -> {}, () -> {
            pausing.countDown();
            end.await();
        });
        pausing.await();

        look();
        assertThat(hanging).isEmpty();
        assertThat(threads.stop(Duration.ofSeconds(30), end::countDown)).isTrue();
    }

    @Test
    void thePauseOfARepetitionAndAPlannedWaitAreNoHang() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        Heartbeat[] hearts = new Heartbeat[2];
        threads.repeat("sweep", LIMIT, Duration.ofHours(1), heart -> {
            hearts[0] = heart;
            begun.countDown();
        });
        threads.loop("recover", LIMIT, heart -> {
            hearts[1] = heart;
            heart.idle();
            begun.countDown();
            end.await();
        });
        begun.await();
        Await.until("both wait", () -> hearts[0].round() < 0 && hearts[1].round() < 0);

        look();

        assertThat(hanging).isEmpty();
    }

    @Test
    void whateverEscapesIsAFaultAnInterruptToo() throws Exception {
        AtomicInteger number = new AtomicInteger();
        Error error = new AssertionError("planted");
        Exception exception = new Exception("planted");
        for (Throwable each : List.of(error, exception)) {
            threads.loop("loop-" + number.incrementAndGet(), LIMIT, heart -> {
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
                heart -> Thread.currentThread().interrupt());

        Await.until(
                "all have failed", () -> faults.size() == 3 && watchdog.names().isEmpty());

        assertThat(faults).contains(error, exception).hasAtLeastOneElementOfType(InterruptedException.class);
    }
}
