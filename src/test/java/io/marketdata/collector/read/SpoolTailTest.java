package io.marketdata.collector.read;

import static io.marketdata.collector.testkit.Trades.line;
import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTailTest {

    /** Start of a slot: 14:12:15. */
    private static final long SLOT = 1_736_950_335_000L;

    private static final String PART = "part-local-001-" + SLOT;

    @TempDir
    private Path localDir;

    private final Printed printed = new Printed();
    private Path folder;
    private SpoolTail tail;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
        tail = new SpoolTail(localDir, new NewTrades(Trades.BTCUSDT, SLOT, printed));
    }

    @Test
    void everyTradeIsShownOnceWhileARealWriterRotatesAndItsPartsArePacked() throws Exception {
        CompletableFuture<Void> writing = CompletableFuture.runAsync(this::writeAndPack);
        while (!writing.isDone()) {
            tail.check();
        }
        writing.get();
        tail.check();

        assertThat(printed.ids.stream().sorted().toList())
                .isEqualTo(LongStream.range(0, 3_000).boxed().toList());
        assertThat(printed.lines).hasSize(3_000).contains(line(17, SLOT + 17));
        assertThat(printed.notes).isEmpty();
    }

    /** Whenever a look falls between two names of a file, it has gone, and is no symlink. */
    @Test
    void aFileThatIsRenamedMeanwhileHasGone() throws Exception {
        Path open = Files.writeString(folder.resolve("part-local-001-1.jsonl.open"), "");
        Path sealed = folder.resolve("part-local-001-1.jsonl");
        AtomicBoolean isOver = new AtomicBoolean();
        CompletableFuture<Void> renaming = CompletableFuture.runAsync(() -> {
            try {
                while (!isOver.get()) {
                    Files.move(open, sealed);
                    Files.move(sealed, open);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        SpoolFolder spool = SpoolFolder.of(localDir, Trades.BTCUSDT);
        int found = 0;
        for (int i = 0; i < 20_000; i++) {
            Optional<InputStream> in = spool.open("part-local-001-1.jsonl.open");
            if (in.isPresent()) {
                in.get().close();
                found++;
            }
        }
        isOver.set(true);
        renaming.get();

        assertThat(found).isBetween(1, 19_999);
    }

    private void writeAndPack() {
        try (Spool spool = Spool.open(new LocalDisk(), localDir, Trades.BTCUSDT)) {
            RotatingWriter writer = new RotatingWriter(
                    spool,
                    new InstanceId("local-001"),
                    Origin.STREAM,
                    new RotationPolicy(8_000, Duration.ofSeconds(1)),
                    Time.SYSTEM,
                    new SpoolMetrics(new Metrics()),
                    part -> pack(part.name().toString()));
            for (int id = 0; id < 3_000; id++) {
                writer.append(trade(id, SLOT + id));
                writer.rotateDue();
            }
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pack(String part) {
        try {
            Path sealed = folder.resolve(part + ".jsonl");
            Path temporary = folder.resolve(part + ".jsonl.gz.tmp");
            Files.write(temporary, SpoolFiles.gzip(Files.readString(sealed)));
            Files.move(temporary, folder.resolve(part + ".jsonl.gz"));
            Files.delete(sealed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void partThatIsSealedAndUploadedBetweenTwoChecksIsReadToItsEnd() throws IOException {
        Path open = folder.resolve(PART + ".jsonl.open");
        Files.writeString(open, SpoolFiles.lines(1, 2, SLOT));
        tail.check();
        assertThat(printed.ids).containsExactly(1L, 2L);

        Files.writeString(open, SpoolFiles.lines(3, 2, SLOT + 2), StandardOpenOption.APPEND);
        Path sealed = Files.move(open, folder.resolve(PART + ".jsonl"));
        Files.delete(sealed);
        tail.check();
        assertThat(printed.ids).containsExactly(1L, 2L, 3L, 4L);
        assertThat(printed.notes).isEmpty();
    }

    @Test
    void onlyWholeLinesArePrinted() throws IOException {
        Path open = folder.resolve(PART + ".jsonl.open");
        String second = line(2, SLOT + 1);
        Files.writeString(open, line(1, SLOT) + second.substring(0, 30));
        tail.check();
        assertThat(printed.lines).containsExactly(line(1, SLOT));

        Files.writeString(open, second.substring(30), StandardOpenOption.APPEND);
        tail.check();
        assertThat(printed.lines).containsExactly(line(1, SLOT), second);
        assertThat(printed.notes).isEmpty();
    }

    @Test
    void backlogOfEveryStateIsReadInTheOrderOfIds() throws IOException {
        Files.writeString(folder.resolve("part-a-" + (SLOT + 3_000) + ".jsonl.open"), line(5, SLOT + 3_000));
        Files.write(folder.resolve("part-b-" + (SLOT + 2_000) + ".jsonl.gz"), gzip(line(4, SLOT + 2_000)));
        Files.writeString(
                folder.resolve("part-a-" + (SLOT + 1_000) + ".jsonl"), line(3, SLOT + 1_000) + line(2, SLOT + 1_001));
        // the packer was interrupted between packing and deleting
        Files.write(folder.resolve("part-a-" + (SLOT + 1_000) + ".jsonl.gz"), gzip(line(2, SLOT + 1_001)));
        Files.write(folder.resolve("part-a-" + (SLOT + 900) + ".jsonl.gz.tmp"), new byte[] {1, 2});
        tail.check();
        tail.check();
        assertThat(printed.ids).containsExactly(2L, 3L, 4L, 5L);
        assertThat(printed.notes).isEmpty();
    }

    @Test
    void tradesBeforeTheWantedTimeAreLeftOut() throws IOException {
        Files.writeString(folder.resolve(PART + ".jsonl"), line(1, SLOT - 1) + line(2, SLOT));
        Files.writeString(folder.resolve("part-a-" + (SLOT - 600_000) + ".jsonl"), line(0, SLOT - 600_000));
        tail.check();
        assertThat(printed.ids).containsExactly(2L);
    }

    @Test
    void linesThatAreNoTradesAndDamagedPartsAreReported() throws IOException {
        Files.writeString(folder.resolve(PART + ".jsonl"), "\u001b[2J\n" + line(1, SLOT) + "{}\n");
        Files.write(folder.resolve("part-a-" + (SLOT + 1) + ".jsonl.gz"), "no gzip".getBytes(StandardCharsets.UTF_8));
        tail.check();
        tail.check();
        assertThat(printed.ids).containsExactly(1L);
        assertThat(printed.notes)
                .containsExactly(
                        "lines: " + PART + ": 2 lines skipped, not a trade of BTCUSDT",
                        "part: part-a-" + (SLOT + 1) + ".jsonl.gz is not shown, or not to its end: Not in GZIP format");
    }

    @Test
    void nothingIsChangedAndTheLockIsLeftAlone() throws Exception {
        Files.writeString(folder.resolve(".lock"), "");
        Files.writeString(folder.resolve(PART + ".jsonl.open"), line(1, SLOT));
        Files.createSymbolicLink(folder.resolve("part-x-" + SLOT + ".jsonl"), Path.of("/etc/passwd"));
        var before = SpoolFiles.everything(localDir);
        tail.check();
        assertThat(SpoolFiles.everything(localDir)).isEqualTo(before);
        assertThat(printed.ids).containsExactly(1L);
    }

    @Test
    void directoryMayAppearLater() throws IOException {
        SpoolTail early = new SpoolTail(localDir.resolve("new"), new NewTrades(Trades.BTCUSDT, SLOT, printed));
        early.check();
        Path there = SpoolFiles.folder(localDir.resolve("new"), Trades.BTCUSDT);
        Files.writeString(there.resolve(PART + ".jsonl.open"), line(1, SLOT));
        early.check();
        assertThat(printed.ids).containsExactly(1L);
    }

    @Test
    void filesAreClosedWhenTheirPartIsDone() throws IOException {
        for (int i = 0; i < 200; i++) {
            Path open = folder.resolve("part-a-" + (SLOT + i) + ".jsonl.open");
            Files.writeString(open, line(i, SLOT + i));
            tail.check();
            Files.delete(open);
        }
        tail.check();
        assertThat(printed.ids).hasSize(200);
        assertThat(openFiles()).noneMatch(file -> file.contains(localDir.toString()));
    }

    private static List<String> openFiles() throws IOException {
        Path files = Path.of("/proc/self/fd");
        if (!Files.isDirectory(files)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(files)) {
            return all.map(file -> {
                        try {
                            return Files.readSymbolicLink(file).toString();
                        } catch (IOException e) {
                            return "";
                        }
                    })
                    .toList();
        }
    }

    private static byte[] gzip(String text) throws IOException {
        return SpoolFiles.gzip(text);
    }
}
