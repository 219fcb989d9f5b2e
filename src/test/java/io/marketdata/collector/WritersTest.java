package io.marketdata.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Heartbeat;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether the rotation thread wakes when there is something to seal, without looking again and again. */
@Timeout(60)
class WritersTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private final List<SealedPart> sealed = new CopyOnWriteArrayList<>();
    private final Writers writers = new Writers();
    private Spool spool;

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private RotatingWriter writer(Duration age) {
        RotatingWriter writer = new RotatingWriter(
                spool,
                new InstanceId("local-001"),
                Origin.STREAM,
                new RotationPolicy(2 << 20, age),
                Time.SYSTEM,
                new Metrics(),
                sealed::add);
        writers.add(Trades.BTCUSDT, writer);
        return writer;
    }

    /** What the rotation thread does, until something was sealed. */
    private void rotateUntilSealed() throws Exception {
        Heartbeat heart = new Heartbeat("rotate");
        while (sealed.isEmpty()) {
            writers.awaitDue(HOUR);
            writers.rotateDue(heart);
        }
    }

    @Test
    void aPartThatIsOldEnoughIsSealedThoughNothingWasOpenWhenTheWaitBegan() throws Exception {
        RotatingWriter writer = writer(Duration.ofSeconds(1));
        Thread link = new Thread(() -> {
            try {
                writer.append(Trades.trade(1, SLOT));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        link.start();

        rotateUntilSealed();

        link.join();
        assertThat(sealed).extracting(SealedPart::rotatedBy).containsExactly(RotatedBy.TIME);
    }

    @Test
    void aPartWhoseSlotIsOverIsSealedAtOnce() throws Exception {
        RotatingWriter writer = writer(HOUR);
        writer.append(Trades.trade(1, SLOT));
        writer.append(Trades.trade(2, SLOT + HOUR.toMillis()));

        rotateUntilSealed();

        assertThat(sealed).hasSize(1);
    }

    @Test
    void whatFailsToBeSealedIsTriedAgainAfterTheLongestWaitAndNotAllTheTime() throws Exception {
        writer(HOUR).append(Trades.trade(1, SLOT));
        writers.awaitDue(HOUR);

        long began = System.nanoTime();
        writers.awaitDue(Duration.ofMillis(200));

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void whoStopsEndsTheWaitEvenIfItHasNotBegun() throws Exception {
        writers.wake();

        writers.awaitDue(HOUR);
    }
}
