package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolListingTest {

    private static final LockTable NO_LOCKS = new LockTable(Path.of("/nowhere/locks"));

    @TempDir
    private Path localDir;

    @Test
    void countsEveryStateAndAPartInTwoStatesOnce() throws Exception {
        Path folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
        Files.writeString(folder.resolve("part-a-5000.jsonl.open"), "12345");
        Files.writeString(folder.resolve("part-a-4000.jsonl"), "1234");
        Files.writeString(folder.resolve("part-a-4000.jsonl.gz.tmp"), "1");
        Files.writeString(folder.resolve("part-a-3000.jsonl"), "123");
        Files.writeString(folder.resolve("part-a-3000.jsonl.gz"), "12");
        Files.writeString(folder.resolve("part-a-rest-1000.jsonl.gz"), "12");
        Files.writeString(folder.resolve("manifest-a-rest-1000.json"), "{}");
        Files.createFile(folder.resolve(".lock"));
        Files.writeString(folder.resolve(".checkpoint"), "not a trade");
        Files.createFile(folder.resolve("notes.txt"));
        Files.createDirectories(folder.resolve("quarantine"));
        Files.writeString(folder.resolve("quarantine/part-a-900.bad"), "x");

        SpoolListing listing = list(100);

        SpoolListing.Totals totals = listing.totals().get(0);
        assertThat(totals.parts()).isEqualTo(4);
        assertThat(totals.oldestMs()).isEqualTo(1_000);
        assertThat(totals.oldestPackedMs()).isEqualTo(1_000);
        assertThat(totals.bytes()).isEqualTo(5 + 4 + 1 + 3 + 2 + 2 + 2 + 1);
        assertThat(totals.files(SpoolFile.Kind.SEALED)).isEqualTo(2);
        assertThat(totals.files(SpoolFile.Kind.MANIFEST)).isEqualTo(1);
        assertThat(totals.files(SpoolFile.Kind.UNKNOWN)).isEqualTo(1);
        assertThat(totals.files(SpoolFile.Kind.QUARANTINED)).isEqualTo(1);
        assertThat(names(listing))
                .containsExactly(
                        "part-a-rest-1000.jsonl.gz",
                        "part-a-3000.jsonl",
                        "part-a-3000.jsonl.gz",
                        "part-a-4000.jsonl",
                        "part-a-4000.jsonl.gz.tmp",
                        "part-a-5000.jsonl.open",
                        "quarantine/part-a-900.bad");
    }

    @Test
    void listsTheOldestFilesAndCountsAll() throws Exception {
        Path folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
        for (int i = 0; i < 500; i++) {
            Files.createFile(folder.resolve("part-a-" + (10_000 + i * 7 % 500) + ".jsonl.gz"));
        }

        SpoolListing listing = list(3);

        assertThat(names(listing))
                .containsExactly("part-a-10000.jsonl.gz", "part-a-10001.jsonl.gz", "part-a-10002.jsonl.gz");
        assertThat(listing.listed()).isEqualTo(500);
        assertThat(listing.totals().get(0).parts()).isEqualTo(500);
        assertThat(list(0).rows()).isEmpty();
    }

    @Test
    void findsOnlySymbolAndBackfillDirectories() throws Exception {
        SpoolFiles.folder(localDir, new Symbol("ETHUSDT"));
        SpoolFiles.folder(localDir, new Symbol("币安人生USDT"));
        SpoolFiles.folder(localDir.resolve("backfill"), Trades.BTCUSDT);
        Path stream =
                SpoolFiles.folder(localDir, Trades.BTCUSDT).resolveSibling("x").getParent();
        Files.createDirectories(stream.resolve("symbol=.."));
        Files.createDirectories(stream.resolve("symbol=btcusdt"));
        Files.createDirectories(stream.resolve("lost+found"));
        Files.createFile(stream.resolve("symbol=LTCUSDT"));

        assertThat(SpoolFolder.below(localDir))
                .extracting(SpoolFolder::label)
                .containsExactly("BTCUSDT", "ETHUSDT", "币安人生USDT", "BTCUSDT (backfill)");
        assertThat(SpoolFolder.below(localDir.resolve("nothing"))).isEmpty();
        assertThat(SpoolFolder.below(stream.resolve("symbol=LTCUSDT"))).isEmpty();
    }

    @Test
    void skipsFileThatVanishesAfterListing() throws Exception {
        Path folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
        Files.createFile(folder.resolve("part-a-1.jsonl"));
        // a name in the directory without a file
        Files.createSymbolicLink(folder.resolve("part-a-2.jsonl"), folder.resolve("gone"));

        assertThat(names(list(10))).containsExactly("part-a-1.jsonl");
    }

    @Test
    void listingChangesNothing() throws Exception {
        Path folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
        Files.createFile(folder.resolve(".lock"));
        Files.writeString(folder.resolve("part-a-1.jsonl.open"), "torn");
        Map<String, String> before = SpoolFiles.everything(localDir);

        list(10);

        assertThat(SpoolFiles.everything(localDir)).isEqualTo(before);
    }

    private SpoolListing list(int limit) throws IOException {
        SpoolListing listing = new SpoolListing(limit);
        for (SpoolFolder folder : SpoolFolder.below(localDir)) {
            listing.add(folder, NO_LOCKS);
        }
        return listing;
    }

    private static List<String> names(SpoolListing listing) {
        return listing.rows().stream().map(row -> row.file().name()).toList();
    }

    @Test
    void everyFileNameHasOneKind() {
        assertThat(Stream.of(
                        "part-a-1.jsonl.open",
                        "part-a-1.jsonl",
                        "part-a-1.jsonl.gz.tmp",
                        "part-a-1.jsonl.gz",
                        "manifest-a-1.json",
                        "manifest-a-1.json.tmp",
                        ".checkpoint",
                        ".checkpoint.tmp",
                        ".lock",
                        "part-a-01.jsonl",
                        "manifest-a.json"))
                .extracting(name -> SpoolFile.of(name, 0, 0).kind())
                .containsExactly(
                        SpoolFile.Kind.OPEN,
                        SpoolFile.Kind.SEALED,
                        SpoolFile.Kind.PACKING,
                        SpoolFile.Kind.PACKED,
                        SpoolFile.Kind.MANIFEST,
                        SpoolFile.Kind.HALF_WRITTEN,
                        SpoolFile.Kind.CHECKPOINT,
                        SpoolFile.Kind.HALF_WRITTEN,
                        SpoolFile.Kind.LOCK,
                        SpoolFile.Kind.UNKNOWN,
                        SpoolFile.Kind.UNKNOWN);
    }
}
