package io.marketdata.collector.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.spool.FileOps.LockedException;
import io.marketdata.collector.spool.UnparsedFrames.Budget;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.ModelDisk;
import io.marketdata.collector.testkit.ModelDisk.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnparsedFramesTest {

    private static final Path DIR = Path.of("/spool");
    private static final InstanceId INSTANCE = new InstanceId("tokyo-1");
    private static final Budget BUDGET = new Budget(16 << 20, 32 << 20, 0);

    private final ManualTime time = new ManualTime();
    private final SpoolMetrics metrics = new SpoolMetrics(new Metrics());
    private final MemoryDisk memory = new MemoryDisk();
    private final FaultyDisk disk = new FaultyDisk(memory);

    private UnparsedFrames open(FileOps on, Budget budget) throws IOException {
        return UnparsedFrames.open(on, DIR, INSTANCE, budget, time, metrics);
    }

    private static boolean keep(UnparsedFrames frames, byte[] frame) {
        return frames.keep("A1", frame, 0, frame.length, "not a trade", 1736950336567123L);
    }

    private static boolean keep(UnparsedFrames frames, String frame) {
        return keep(frames, frame.getBytes(UTF_8));
    }

    private long counted(String outcome) {
        return metrics.framesUnparsed.labelValues(outcome).getLongValue();
    }

    private List<String> files() {
        return memory.filesBelow(DIR).stream()
                .map(file -> String.valueOf(file.getFileName()))
                .filter(name -> !name.equals(".lock"))
                .toList();
    }

    private String name(long plusMs, String suffix) {
        return "frames-tokyo-1-" + (time.epochMillis() + plusMs) + suffix;
    }

    @Test
    void everyByteOfAFrameComesBackFromItsLine() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        List<byte[]> sent = List.of(
                "{\"e\":\"tr\\u0061de\"}".getBytes(UTF_8),
                new String(all, ISO_8859_1).getBytes(UTF_8),
                "\ufeff\u5e01\u5b89 \ud83d\ude00 \u2028\n\t\u0000".getBytes(UTF_8),
                all,
                new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
                new byte[0]);
        UnparsedFrames frames = open(disk, BUDGET);
        for (byte[] frame : sent) {
            byte[] within = new byte[frame.length + 5];
            System.arraycopy(frame, 0, within, 3, frame.length);
            assertThat(frames.keep("A1", within, 3, frame.length, "why \"so\"", 17))
                    .isTrue();
        }
        String[] lines =
                new String(memory.get(DIR.resolve("unparsed").resolve(name(0, ".jsonl.open"))), UTF_8).split("\n");
        assertThat(lines).hasSameSizeAs(sent);
        for (int i = 0; i < lines.length; i++) {
            JsonNode line = new ObjectMapper().readTree(lines[i]);
            assertThat(line.get("recv_us").longValue()).isEqualTo(17);
            assertThat(line.get("connection").textValue()).isEqualTo("A1");
            assertThat(line.get("reason").textValue()).isEqualTo("why \"so\"");
            byte[] frame = line.has("frame")
                    ? line.get("frame").textValue().getBytes(UTF_8)
                    : line.get("frame_base64").binaryValue();
            assertThat(frame).isEqualTo(sent.get(i));
            assertThat(line.has("frame")).isEqualTo(i != 3 && i != 4);
        }
    }

    @Test
    void fileIsSealedAtItsSizeAndAtItsAge() throws IOException {
        UnparsedFrames frames = open(disk, BUDGET);
        byte[] half = new byte[1 << 20];
        Arrays.fill(half, (byte) 'x');
        keep(frames, half);
        keep(frames, half);
        keep(frames, "after it");
        frames.tick();
        assertThat(files()).containsExactly(name(0, ".jsonl"), name(1, ".jsonl.open"));
        time.advance(Duration.ofSeconds(59));
        frames.tick();
        assertThat(files()).contains(name(1 - 59_000, ".jsonl.open"));
        time.advance(Duration.ofSeconds(1));
        frames.tick();
        assertThat(files()).contains(name(1 - 60_000, ".jsonl"));
    }

    @Test
    void framesBeyondTheBudgetOfTheHourAreCountedAsNotKeptAndTheNextHourKeepsAgain() throws IOException {
        UnparsedFrames frames = open(disk, new Budget(300, 1 << 20, 0));
        assertThat(keep(frames, "x".repeat(100))).isTrue();
        assertThat(keep(frames, "x".repeat(100))).isFalse();
        assertThat(frames.notKeptBecause()).contains("unparsed.max_bytes_per_hour");
        assertThat(counted("kept")).isEqualTo(1);
        assertThat(counted("not_kept")).isEqualTo(1);
        assertThat(metrics.unparsedBytes.labelValues("not_kept").getLongValue()).isEqualTo(100);
        time.advance(Duration.ofHours(1));
        assertThat(keep(frames, "x".repeat(100))).isTrue();
    }

    @Test
    void budgetOfTheDiskCountsEarlierRunsAndIsFreedByUploads() throws IOException {
        memory.put(DIR.resolve("unparsed/frames-other-5.jsonl"), new byte[900]);
        UnparsedFrames frames = open(disk, new Budget(1 << 20, 1_000, 0));
        assertThat(keep(frames, "x".repeat(100))).isFalse();
        assertThat(frames.notKeptBecause()).contains("unparsed.max_disk_bytes,");
        frames.folder().deleteUploaded(new FramesName(new InstanceId("other"), 5));
        assertThat(keep(frames, "x".repeat(100))).isTrue();
    }

    @Test
    void nothingIsKeptWhileTheTradesNeedTheDisk() throws IOException {
        UnparsedFrames frames = open(disk, new Budget(1 << 20, 1 << 20, 1_000));
        disk.setFreeBytes(1_999);
        frames.tick();
        assertThat(keep(frames, "x")).isFalse();
        assertThat(frames.notKeptBecause()).contains("nearly full");
        disk.setFreeBytes(2_000);
        frames.tick();
        assertThat(keep(frames, "x")).isTrue();
    }

    @Test
    void faultOfTheDiskIsCountedAndTheTornLineStaysTheLastOfItsFile() throws IOException {
        UnparsedFrames frames = open(disk, BUDGET);
        keep(frames, "first");
        disk.failNextWriteAfter(20);
        assertThat(keep(frames, "second")).isFalse();
        assertThat(keep(frames, "third")).as("until the next tick").isFalse();
        frames.tick();
        assertThat(keep(frames, "fourth")).isTrue();
        assertThat(counted("kept")).isEqualTo(2);
        assertThat(counted("not_kept")).isEqualTo(2);
        frames.seal();
        assertThat(files()).containsExactly(name(0, ".jsonl"), name(1, ".jsonl"));
        String first = new String(memory.get(DIR.resolve("unparsed").resolve(name(0, ".jsonl"))), UTF_8);
        assertThat(first).contains("first\"}\n{").doesNotEndWith("\n");
    }

    @Test
    void directoryThatCannotBeUsedIsTriedAgainByEveryTick() throws IOException {
        disk.failWhen((operation, file) -> operation.equals("createDirectories"));
        UnparsedFrames frames = open(disk, BUDGET);
        assertThat(keep(frames, "x")).isFalse();
        disk.failWhen((operation, file) -> false);
        frames.tick();
        assertThat(keep(frames, "x")).isTrue();
    }

    @Test
    void secondProcessIsRefused() throws IOException {
        UnparsedFrames first = open(disk, BUDGET);
        assertThatThrownBy(() -> open(disk, BUDGET)).isInstanceOf(LockedException.class);
        first.close();
        open(disk, BUDGET).close();
    }

    @Test
    void filesOfEarlierRunsAreSealedAsTheyAre() throws IOException {
        Path unparsed = DIR.resolve("unparsed");
        memory.put(unparsed.resolve("frames-tokyo-1-5.jsonl.open"), "{}\n{\"recv".getBytes(UTF_8));
        memory.put(unparsed.resolve("frames-osaka-rest-2-6.jsonl.open"), "{}\n".getBytes(UTF_8));
        memory.put(unparsed.resolve("notes.txt"), new byte[1]);
        memory.put(DIR.resolve("rejected/frames-1736950336567123.jsonl"), "old".getBytes(UTF_8));
        UnparsedFolder folder = open(disk, BUDGET).folder();
        assertThat(folder.sealed().stream().map(FramesName::toString))
                .containsExactly("frames-tokyo-1-5", "frames-osaka-rest-2-6", "frames-tokyo-1-1736950336567");
        assertThat(folder.read(folder.sealed().get(0))).isEqualTo("{}\n{\"recv".getBytes(UTF_8));
        assertThat(folder.read(folder.sealed().get(2))).isEqualTo("old".getBytes(UTF_8));
        assertThat(files()).contains("notes.txt");
    }

    @Test
    void aCrashAtAnyMomentLosesNoFrameThatWasFlushed() throws IOException {
        ModelDisk model = new ModelDisk();
        List<String> flushed = new ArrayList<>();
        List<String> written = new ArrayList<>();
        model.beforeEveryChange(() -> {
            for (Loss loss : Loss.values()) {
                for (ModelDisk found : model.survivors(loss)) {
                    assertThat(frames(found)).containsAll(loss == Loss.KILL ? written : flushed);
                }
            }
        });
        UnparsedFrames frames = open(model, BUDGET);
        for (int i = 0; i < 3; i++) {
            keep(frames, "frame " + i);
            written.add("frame " + i);
            if (i == 1) {
                time.advance(Duration.ofSeconds(60));
            }
            frames.tick();
            flushed.add("frame " + i);
        }
        frames.seal();
        assertThat(frames(model)).containsExactly("frame 0", "frame 1", "frame 2");
    }

    /** The frames that a start on this disk would upload. */
    private List<String> frames(ModelDisk found) {
        try (UnparsedFrames next = open(found, BUDGET)) {
            List<String> kept = new ArrayList<>();
            for (FramesName name : next.folder().sealed()) {
                for (String line : new String(next.folder().read(name), UTF_8).split("\n")) {
                    int at = line.indexOf("\"frame\":\"");
                    if (at >= 0 && line.endsWith("\"}")) {
                        kept.add(line.substring(at + 9, line.length() - 2));
                    }
                }
            }
            return kept;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
