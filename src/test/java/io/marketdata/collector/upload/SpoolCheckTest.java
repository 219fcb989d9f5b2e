package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolCheckTest {

    private static final long T = 1_736_950_335_000L;

    @TempDir
    private Path localDir;

    private Path folder;
    private final List<String> notes = new ArrayList<>();
    private final List<String> damage = new ArrayList<>();

    @BeforeEach
    void makeFolder() throws IOException {
        folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
    }

    @Test
    void filesOfTheCollectorAreFine() throws Exception {
        write("part-a-" + T + ".jsonl", SpoolFiles.lines(100, 10, T));
        pack();
        write("part-a-" + (T + 5_000) + ".jsonl", SpoolFiles.lines(110, 10, T + 5_000));
        write("part-a-" + (T + 10_000) + ".jsonl.open", SpoolFiles.lines(120, 7, T + 10_000));

        SpoolCheck check = check();

        assertThat(damage).isEmpty();
        assertThat(notes).isEmpty();
        assertThat(check.trades()).isEqualTo(27);
        assertThat(check.files()).isEqualTo(6);
    }

    @Test
    void tornLastLineIsDamageOnlyInASealedPart() throws Exception {
        write("part-a-1.jsonl.open", SpoolFiles.lines(100, 3, T) + "{\"e\":\"tra");
        write("part-a-2.jsonl", SpoolFiles.lines(200, 3, T) + "{\"e\":\"tra");

        assertThat(check().trades()).isEqualTo(6);
        assertThat(notes)
                .singleElement()
                .asString()
                .startsWith("part-a-1.jsonl.open")
                .contains("torn, 9 bytes", "quarantined", "its 3 complete trades are uploaded");
        assertThat(damage)
                .singleElement()
                .asString()
                .startsWith("part-a-2.jsonl: ")
                .contains("torn");
    }

    @Test
    void lineThatIsNotATradeOfTheSymbolIsDamageInEveryState() throws Exception {
        String good = SpoolFiles.lines(100, 2, T);
        String other = Trades.json(new Symbol("ETHUSDT"), 5, T) + "\n";
        write("part-a-1.jsonl.open", good + "\0\0\0\0\n" + good);
        write("part-a-2.jsonl", good + other);
        write("part-a-3.jsonl.gz", SpoolFiles.gzip(good + other));
        write("part-a-4.jsonl", "garbage\n");

        check();

        assertThat(damage).hasSize(4);
        assertThat(damage.get(0))
                .contains("part-a-1.jsonl.open", "line 3 is not a trade", "4 complete trades are uploaded");
        assertThat(damage.get(1)).contains("part-a-2.jsonl", "line 3 is not a trade");
        assertThat(damage.get(2)).contains("part-a-3.jsonl.gz", "moved to quarantine/", "backfill");
        assertThat(damage.get(3)).contains("part-a-4.jsonl", "deleted");
    }

    @Test
    void everyFlippedBitOfAPackedPartIsFound() throws Exception {
        write("part-a-" + T + ".jsonl", SpoolFiles.lines(100, 2, T));
        pack();
        Path packed = folder.resolve("part-a-" + T + ".jsonl.gz");
        byte[] whole = Files.readAllBytes(packed);
        for (int bit = 0; bit < whole.length * 8; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(packed, flipped);
            damage.clear();
            check();
            assertThat(damage).as("bit %d of %d", bit, whole.length * 8).isNotEmpty();
        }
        for (int length = 0; length < whole.length; length++) {
            Files.write(packed, Arrays.copyOf(whole, length));
            damage.clear();
            check();
            assertThat(damage).as("the first %d bytes", length).isNotEmpty();
        }
    }

    @Test
    void bytesAfterAPackedPartAreFound() throws Exception {
        byte[] gzip = SpoolFiles.gzip(SpoolFiles.lines(100, 2, T));
        write("part-a-1.jsonl.gz", Arrays.copyOf(gzip, gzip.length + 5));

        check();

        assertThat(damage).singleElement().asString().contains("5 bytes follow the end");
        assertThat(notes).singleElement().asString().contains("no manifest", "rebuilt");
    }

    @Test
    void manifestMustDescribeItsPart() throws Exception {
        write("part-a-" + T + ".jsonl", SpoolFiles.lines(100, 4, T));
        pack();
        Path manifest = folder.resolve("manifest-a-" + T + ".json");
        String json = Files.readString(manifest);
        write("part-a-" + T + ".jsonl.gz", SpoolFiles.gzip(SpoolFiles.lines(100, 5, T)));
        check();
        assertThat(damage).singleElement().asString().contains("other bytes");

        damage.clear();
        Files.writeString(manifest, json.substring(0, 50));
        check();
        assertThat(damage).singleElement().asString().contains("cannot be read", "rebuilt");
    }

    @Test
    void manifestWithWrongCountIsFound() throws Exception {
        write("part-a-" + T + ".jsonl", SpoolFiles.lines(100, 4, T));
        pack();
        Path manifest = folder.resolve("manifest-a-" + T + ".json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"record_count\":4", "\"record_count\":3"));

        check();

        assertThat(damage).singleElement().asString().contains("recordCount=4", "manifest says", "recordCount=3");
    }

    @Test
    void everyOtherFileIsReported() throws Exception {
        write(".checkpoint", "1 epoch_ms=garbage\n");
        write("part-a-1.jsonl.gz.tmp", "x");
        write("manifest-a-9.json", "{}");
        write("manifest-a-9.json.tmp", "{}");
        write("part-a-7.jsonl", "");
        write("core", "x");
        write("quarantine/part-a-3.bad", "x");
        write("quarantine/part-a-4.jsonl.gz.bad", "x");
        write("quarantine/part-a-4.jsonl.gz.1.bad", "x");

        check();

        assertThat(damage)
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).startsWith("quarantine/part-a-4.jsonl.gz.1.bad: "))
                .anySatisfy(line -> assertThat(line).startsWith(".checkpoint: ").contains("ignored"))
                .anySatisfy(line -> assertThat(line).startsWith("quarantine/part-a-4.jsonl.gz.bad: "));
        assertThat(notes).hasSize(6);
    }

    @Test
    void gapsToBackfillAtTheNextStartAreReported() throws Exception {
        write("part-a-" + T + ".jsonl", Trades.line(100, T) + Trades.line(105, T + 1));
        pack();

        check();

        assertThat(damage).isEmpty();
        assertThat(notes).singleElement().asString().startsWith(".checkpoint: 4 trades");
    }

    @Test
    void checkingChangesNothing() throws Exception {
        everyOtherFileIsReported();
        write("part-a-2.jsonl", SpoolFiles.lines(200, 3, T) + "{\"e\":\"tra");
        write("part-a-6.jsonl.gz", SpoolFiles.gzip("no trade\n"));
        write(".lock", "");
        Map<String, String> before = SpoolFiles.everything(localDir);

        check();

        assertThat(damage).isNotEmpty();
        assertThat(SpoolFiles.everything(localDir)).isEqualTo(before);
    }

    private SpoolCheck check() throws IOException {
        SpoolCheck check = new SpoolCheck(finding -> (finding.isDamage() ? damage : notes)
                .add(finding.file().name() + ": " + finding.what() + " -> " + finding.next()));
        for (SpoolFolder each : SpoolFolder.below(localDir)) {
            check.run(each);
        }
        return check;
    }

    /** Packs all sealed parts, and uploads nothing. */
    private void pack() throws IOException {
        try (Spool spool = Spool.open(new LocalDisk(), localDir, Trades.BTCUSDT)) {
            Uploader uploader = new Uploader(
                    new MemoryStore(),
                    6,
                    new Software("0", "17"),
                    new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                    new ManualTime(),
                    () -> 0,
                    new UploadMetrics(new Metrics()));
            new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
            while (uploader.packNext()) {
                // one after the other
            }
        }
    }

    private void write(String name, String content) throws IOException {
        write(name, content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }
}
