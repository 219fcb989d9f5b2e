package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.PassThroughDisk;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rotation thread wakes when there is something to seal, without polling. */
@Timeout(60)
class WritersTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private final List<SealedPart> sealed = new CopyOnWriteArrayList<>();
    private final Writers writers = new Writers();
    private final FullDirectoryDisk disk = new FullDirectoryDisk();
    private final ThreadProgress progress = new ThreadProgress("rotate");
    private Spool spool;
    private Spool other;

    /** Fails every rename into one directory with ENOSPC. */
    private static final class FullDirectoryDisk extends PassThroughDisk {
        private volatile @Nullable Path full;

        FullDirectoryDisk() {
            super(new LocalDisk());
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            if (to.getParent().equals(full)) {
                throw new NoSpaceException(to + ": No space left on device", new IOException("planted"));
            }
            super.rename(from, to);
        }
    }

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        other = Spool.open(disk, folder, new Symbol("ETHUSDT"));
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
        other.close();
    }

    private RotatingWriter writer(Duration age) {
        return writer(spool, age);
    }

    private RotatingWriter writer(Spool spool, Duration age) {
        RotatingWriter writer = new RotatingWriter(
                spool,
                new InstanceId("local-001"),
                Origin.STREAM,
                new RotationPolicy(2 << 20, age),
                Time.SYSTEM,
                new SpoolMetrics(new Metrics()),
                sealed::add);
        writers.add(spool.symbol(), writer);
        return writer;
    }

    /** What the rotation thread does, until something is sealed. */
    private void rotateUntilSealed() throws Exception {
        while (sealed.isEmpty()) {
            writers.awaitDue(HOUR);
            writers.rotateDue(progress);
        }
    }

    @Test
    void partOpenedDuringTheWaitIsSealedWhenOldEnough() throws Exception {
        RotatingWriter writer = writer(Duration.ofSeconds(1));
        Thread rotation = Thread.currentThread();
        Thread connection = new Thread(() -> {
            try {
                Await.until("it waits", () -> rotation.getState() == Thread.State.TIMED_WAITING);
                writer.append(Trades.trade(1, SLOT));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        connection.start();

        rotateUntilSealed();

        connection.join();
        assertThat(sealed).extracting(SealedPart::rotatedBy).containsExactly(RotatedBy.TIME);
    }

    @Test
    void partIsSealedAsSoonAsItsSlotEnds() throws Exception {
        RotatingWriter writer = writer(HOUR);
        writer.append(Trades.trade(1, SLOT));
        writer.append(Trades.trade(2, SLOT + HOUR.toMillis()));

        rotateUntilSealed();

        assertThat(sealed).hasSize(1);
    }

    @Test
    void renameWithoutSpaceIsRetriedAfterAPauseAndDelaysNoOtherSymbol() throws Exception {
        RotatingWriter first = writer(HOUR);
        RotatingWriter second = writer(other, HOUR);
        for (RotatingWriter writer : List.of(first, second)) {
            writer.append(Trades.trade(1, SLOT));
            writer.append(Trades.trade(2, SLOT + HOUR.toMillis()));
        }
        writers.awaitDue(HOUR);
        disk.full = spool.directory();

        assertThatThrownBy(() -> writers.rotateDue(progress)).isInstanceOf(NoSpaceException.class);
        assertThat(sealed).extracting(SealedPart::spool).containsExactly(other);

        long began = System.nanoTime();
        writers.awaitDue(Duration.ofMillis(200));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(200));

        disk.full = null;
        writers.rotateDue(progress);
        assertThat(sealed).extracting(SealedPart::spool).containsExactly(other, spool);
    }

    @Test
    void wakeEndsAWaitThatHasNotBegun() throws Exception {
        writers.wake();

        writers.awaitDue(HOUR);
    }
}
