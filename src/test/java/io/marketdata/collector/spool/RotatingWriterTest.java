package io.marketdata.collector.spool;

import static io.marketdata.collector.testkit.Trades.line;
import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatingWriterTest {

    /** Start of a slot: 14:12:15. */
    private static final long SLOT = 1_736_950_335_000L;

    @TempDir
    private Path folder;

    private final FaultyDisk disk = new FaultyDisk(new LocalDisk());
    private final ManualTime time = new ManualTime();
    private final List<SealedPart> sealed = new ArrayList<>();
    private Spool spool;
    private RotatingWriter writer;

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        writer = writer(2 << 20);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    private RotatingWriter writer(long maxBytes) {
        return new RotatingWriter(
                spool,
                new InstanceId("local-001"),
                Origin.STREAM,
                new RotationPolicy(maxBytes, Duration.ofSeconds(5)),
                time,
                new SpoolMetrics(new Metrics()),
                sealed::add);
    }

    @Test
    void tradeIsOneLineWithExchangeBytesAndReceiveTime() throws IOException {
        writer.append(trade(1, SLOT));

        assertThat(disk.read(spool.directory().resolve("part-local-001-" + SLOT + ".jsonl.open"))
                        .readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(line(1, SLOT));
    }

    @Test
    void appendWritesEachLineInOneCall() throws IOException {
        writer.append(trade(1, SLOT));
        writer.append(trade(2, SLOT));

        assertThat(disk.writes())
                .containsExactly(line(1, SLOT).length(), line(2, SLOT).length());
    }

    @Test
    void reportsWhenAPartIsOpenedOrRetired() throws IOException {
        AtomicInteger changes = new AtomicInteger();
        writer = writer(3L * line(1, SLOT).length());
        writer.onChange(changes::incrementAndGet);

        writer.append(trade(1, SLOT));
        assertThat(changes).as("opened").hasValue(1);
        writer.append(trade(2, SLOT));
        assertThat(changes).as("nothing").hasValue(1);
        writer.append(trade(3, SLOT));
        assertThat(changes).as("full").hasValue(2);
        writer.append(trade(4, SLOT));
        writer.append(trade(5, SLOT + 5_000));
        assertThat(changes).as("another slot").hasValue(4);
        disk.failNextWriteAfter(10);
        assertThatThrownBy(() -> writer.append(trade(6, SLOT + 5_000))).isInstanceOf(IOException.class);
        assertThat(changes).as("failed").hasValue(5);
        time.advance(Duration.ofSeconds(5));
        writer.rotateDue();
        assertThat(changes).as("retired by the rotation thread").hasValue(5);
        writer.append(trade(7, SLOT + 5_000));
        disk.setFull(true);
        assertThatThrownBy(() -> writer.append(trade(8, SLOT + 10_000))).isInstanceOf(IOException.class);
        assertThat(changes).as("retired, and no other part could be created").hasValue(7);
        disk.setFull(false);
    }

    @Test
    void tradeTimesThatLeapWaitForTheRotationThread() throws Exception {
        CompletableFuture<Void> appended = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 200; i++) {
                try {
                    writer.append(trade(i, SLOT + i * 7_919_000L % 3_600_000));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        Await.until("as many files are open as may be", () -> openFiles() >= 64);
        assertThatThrownBy(() -> appended.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(openFiles()).isLessThanOrEqualTo(64 + 8);
        while (!appended.isDone()) {
            writer.rotateDue();
            assertThat(openFiles()).isLessThanOrEqualTo(64 + 8);
        }
        appended.get();
        writer.close();
        assertThat(sealed).hasSizeGreaterThan(64);
        assertThat(openFiles()).isZero();
    }

    private long openFiles() throws IOException {
        return disk.list(spool.directory()).stream()
                .filter(name -> name.endsWith(".open"))
                .count();
    }

    @Test
    void neverSealsAnEmptyPart() throws IOException {
        time.advance(Duration.ofSeconds(60));
        writer.rotateDue();
        writer.close();

        assertThat(sealed).isEmpty();
        assertThat(disk.list(spool.directory())).containsExactly(".lock");
    }

    @Test
    void sealsWhenThePartReachesTheSizeAndNotBefore() throws IOException {
        int length = line(1, SLOT).length();
        writer = writer(3L * length - 1);
        for (int id = 1; id <= 4; id++) {
            writer.append(trade(id, SLOT));
        }
        writer.rotateDue();

        assertThat(sealed).extracting(SealedPart::rotatedBy).containsExactly(RotatedBy.SIZE);
        assertThat(content(sealed.get(0))).isEqualTo(line(1, SLOT) + line(2, SLOT) + line(3, SLOT));
    }

    @Test
    void startsNewPartWhenTradeTimeEntersNextSlot() throws IOException {
        writer.append(trade(1, SLOT));
        writer.append(trade(2, SLOT + 4_999));
        writer.append(trade(3, SLOT + 5_000));
        writer.rotateDue();

        assertThat(sealed).extracting(SealedPart::rotatedBy).containsExactly(RotatedBy.TIME);
        assertThat(content(sealed.get(0))).isEqualTo(line(1, SLOT) + line(2, SLOT + 4_999));
    }

    @Test
    void sealsByAgeWithoutTrafficAndNotEarlier() throws IOException {
        writer.append(trade(1, SLOT));

        time.advance(Duration.ofMillis(4_999));
        writer.rotateDue();
        assertThat(sealed).isEmpty();

        time.advance(Duration.ofMillis(1));
        writer.rotateDue();
        assertThat(sealed).hasSize(1);
    }

    @Test
    void wallClockJumpRotatesNothing() throws IOException {
        writer.append(trade(1, SLOT));

        time.jumpWallClock(Duration.ofHours(1));
        writer.rotateDue();
        time.jumpWallClock(Duration.ofHours(-2));
        writer.rotateDue();

        assertThat(sealed).isEmpty();
    }

    @Test
    void lateTradeGetsPartOfItsSlotWhileCurrentPartContinues() throws IOException {
        writer.append(trade(1, SLOT + 5_001));
        writer.append(trade(2, SLOT + 4_000));
        writer.append(trade(3, SLOT + 5_002));
        writer.append(trade(4, SLOT + 4_001));
        writer.close();

        assertThat(sealed).hasSize(2);
        assertThat(content(sealed.get(0))).isEqualTo(line(2, SLOT + 4_000) + line(4, SLOT + 4_001));
        assertThat(content(sealed.get(1))).isEqualTo(line(1, SLOT + 5_001) + line(3, SLOT + 5_002));
    }

    @Test
    void lateTradesOfManySlotsKeepFewFilesOpen() throws IOException {
        for (int i = 0; i < 20; i++) {
            writer.append(trade(i, SLOT - 5_000L * i));
        }
        writer.rotateDue();

        assertThat(sealed).hasSize(12);
        writer.close();
        assertThat(sealed).hasSize(20);
    }

    @Test
    void partsThatBeginInTheSameMillisecondGetDistinctNames() throws IOException {
        writer = writer(1);
        for (int id = 1; id <= 3; id++) {
            writer.append(trade(id, SLOT));
        }
        writer.rotateDue();

        assertThat(sealed).extracting(part -> part.name().epochMs()).containsExactly(SLOT, SLOT + 1, SLOT + 2);
    }

    @Test
    void partNameStaysInTheMinuteOfItsTrades() throws IOException {
        long lastMs = 1_736_950_379_999L; // 14:12:59.999
        writer = writer(1);
        for (int id = 1; id <= 3; id++) {
            writer.append(trade(id, lastMs));
        }
        writer.rotateDue();

        assertThat(sealed).extracting(part -> part.name().epochMs()).containsExactly(lastMs, lastMs - 1, lastMs - 2);
    }

    @Test
    void namesOfEarlierRunsAreNotReused() throws IOException {
        writer.append(trade(1, SLOT));
        writer.close();
        spool.close();
        spool = Spool.open(disk, folder, Trades.BTCUSDT);
        writer = writer(2 << 20);

        writer.append(trade(2, SLOT));
        writer.close();

        assertThat(sealed).extracting(part -> part.name().epochMs()).containsExactly(SLOT, SLOT + 1);
    }

    @Test
    void firstSyncMakesLinesAndFileNameDurable() throws IOException {
        writer.append(trade(1, SLOT));
        disk.clearLog();

        writer.sync();
        writer.append(trade(2, SLOT));
        writer.sync();

        assertThat(disk.log()).containsExactly("sync", "syncDirectory", "write", "sync");
    }

    @Test
    void appendDoesNotFlush() throws IOException {
        writer = writer(1);
        disk.clearLog();

        writer.append(trade(1, SLOT));
        writer.append(trade(2, SLOT + 5_000));

        assertThat(disk.log()).containsExactly("create", "write", "create", "write");
    }

    @Test
    void sealFlushesBeforeRename() throws IOException {
        writer.append(trade(1, SLOT));
        disk.clearLog();

        writer.close();

        assertThat(disk.log()).containsExactly("sync", "syncDirectory", "close", "rename");
    }

    @Test
    void failedWriteClosesThePartAndDoesNotAcceptTheTrade() throws IOException {
        writer.append(trade(1, SLOT));
        disk.failNextWriteAfter(10);

        assertThatThrownBy(() -> writer.append(trade(2, SLOT)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("trade 2 of BTCUSDT");
        writer.append(trade(2, SLOT));
        writer.close();

        assertThat(sealed).extracting(SealedPart::rotatedBy).containsExactly(RotatedBy.RECOVERY, RotatedBy.SHUTDOWN);
        assertThat(content(sealed.get(0)))
                .isEqualTo(line(1, SLOT) + line(2, SLOT).substring(0, 10));
        assertThat(content(sealed.get(1))).isEqualTo(line(2, SLOT));
    }

    @Test
    void nextPartReportsDroppedDuplicatesAndRejectedFrames() throws IOException {
        writer.append(trade(1, SLOT));
        writer.countDuplicate();
        writer.countDuplicate();
        writer.countRejected();
        writer.append(trade(2, SLOT + 5_000));
        writer.close();

        assertThat(sealed).extracting(SealedPart::duplicatesDropped).containsExactly(2L, 0L);
        assertThat(sealed).extracting(SealedPart::rejected).containsExactly(1L, 0L);
    }

    private String content(SealedPart part) {
        try {
            return new String(spool.read(PartState.SEALED, part.name()).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
