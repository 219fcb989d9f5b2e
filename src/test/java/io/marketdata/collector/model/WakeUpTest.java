package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Await;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WakeUpTest {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(100);

    private final WakeUp wakeUp = new WakeUp();

    private Duration waited(Duration most) throws InterruptedException {
        long began = System.nanoTime();
        wakeUp.await(most);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void wakesTheWaitingThread() throws Exception {
        CountDownLatch woken = new CountDownLatch(1);
        Thread waiting = new Thread(() -> {
            try {
                wakeUp.await(HOUR);
                woken.countDown();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        waiting.start();
        Await.until("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);

        wakeUp.wake();

        woken.await();
        waiting.join();
    }

    @Test
    void callsBeforeTheWaitEndOneWait() throws Exception {
        wakeUp.wake();
        wakeUp.wake();
        wakeUp.await(HOUR);

        assertThat(waited(SHORT)).isGreaterThanOrEqualTo(SHORT);
    }

    @Test
    void waitEndsAfterItsTimeout() throws Exception {
        assertThat(waited(SHORT)).isGreaterThanOrEqualTo(SHORT);
    }
}
