package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolUploadTest {

    private static final long T = 1_736_950_335_000L;
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final SpoolUpload.Stop NEVER = longest -> {
        TimeUnit.NANOSECONDS.sleep(longest.toNanos());
        return false;
    };

    @TempDir
    private Path localDir;

    private Path folder;
    private final SkippingTime time = new SkippingTime();
    private final MemoryStore store = new MemoryStore();
    private final List<String> words = new CopyOnWriteArrayList<>();

    @BeforeEach
    void makeFolder() throws Exception {
        folder = SpoolFiles.folder(localDir, Trades.BTCUSDT);
    }

    @Test
    void filesOfAnotherInstanceAreUploadedUnderTheirOwnNames() throws Exception {
        Files.writeString(
                folder.resolve("part-dead-host-" + T + ".jsonl.open"), SpoolFiles.lines(100, 50, T) + "{\"torn");
        Files.writeString(folder.resolve("part-dead-host-" + (T - 1) + ".jsonl"), SpoolFiles.lines(90, 10, T - 1));
        Files.write(
                folder.resolve("part-dead-host-" + (T - 5_000) + ".jsonl.gz"),
                SpoolFiles.gzip(SpoolFiles.lines(80, 10, T - 5_000)));

        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.DONE);

        assertThat(words.get(words.size() - 1)).contains("Done: uploaded 3 parts");
        new Oracle(store.objects()).holdsExactly(80, 149);
        assertThat(store.keys()).hasSize(7).allMatch(key -> key.contains("-dead-host"));
        assertThat(store.keys().get(6)).endsWith("/14-dead-host.jsonl.gz");
        assertThat(SpoolFiles.everything(folder).keySet())
                .containsExactlyInAnyOrder(
                        "", ".checkpoint", ".lock", "quarantine", "quarantine/part-dead-host-" + T + ".bad");
    }

    @Test
    void gapsAreKeptForTheNextCollector() throws Exception {
        Files.writeString(folder.resolve("part-a-" + T + ".jsonl"), Trades.line(100, T) + Trades.line(105, T + 1));

        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.DONE);

        assertThat(Files.readString(folder.resolve(".checkpoint"))).contains("highest_id=105", "missing=101-104@");
    }

    @Test
    void refusingStoreEndsTheUploadWithTheReasonAndDeletesNothing() throws Exception {
        Files.writeString(folder.resolve("part-a-" + T + ".jsonl"), SpoolFiles.lines(100, 5, T));
        store.failAlways(StoreException.Kind.REFUSED);

        SpoolUpload.Stop waits = longest -> {
            time.skip(store.attempts().isEmpty() ? Duration.ZERO : Duration.ofMinutes(1));
            return NEVER.await(longest);
        };
        assertThat(upload(Duration.ofMinutes(5), waits)).isEqualTo(ExitCode.FOUND_WANTING);

        assertThat(words)
                .anySatisfy(
                        line -> assertThat(line).contains("Nothing could be uploaded for 300 s", "put raw/", "failed"))
                .anySatisfy(line -> assertThat(line).contains("1 part left"));
        assertThat(folder.resolve("part-a-" + T + ".jsonl.gz")).exists();
        store.heal();
        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.DONE);
        assertThat(store.keys()).hasSize(3); // part, manifest, index
    }

    @Test
    void stopReportsTheBacklogAndKeepsIt() throws Exception {
        Files.writeString(folder.resolve("part-a-" + T + ".jsonl"), SpoolFiles.lines(100, 5, T));
        store.failAlways(StoreException.Kind.UNAVAILABLE);

        assertThat(upload(LONG, longest -> !store.attempts().isEmpty())).isEqualTo(ExitCode.FOUND_WANTING);

        assertThat(words).anySatisfy(line -> assertThat(line).contains("Stopped early: 1 part left"));
        assertThat(folder.resolve("part-a-" + T + ".jsonl.gz")).exists();
        assertThat(Spool.open(new LocalDisk(), localDir, Trades.BTCUSDT)).satisfies(Spool::close);
    }

    @Test
    void lostAnswerStoresNothingTwice() throws Exception {
        Files.writeString(folder.resolve("part-a-" + T + ".jsonl"), SpoolFiles.lines(100, 5, T));
        store.loseNextAnswer();

        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.DONE);

        assertThat(store.keys()).hasSize(3); // part, manifest, index
    }

    @Test
    void damagedPartIsQuarantinedAndChangesTheExitCode() throws Exception {
        Files.writeString(folder.resolve("part-a-1000.jsonl.gz"), "no gzip");
        Files.writeString(folder.resolve("part-a-" + T + ".jsonl"), SpoolFiles.lines(100, 5, T));

        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.FOUND_WANTING);

        assertThat(words.get(words.size() - 1)).contains("Quarantined 1 damaged part");
        assertThat(folder.resolve("quarantine/part-a-1000.jsonl.gz.bad")).hasContent("no gzip");
        assertThat(store.keys()).hasSize(3); // part, manifest, index
    }

    @Test
    void framesThatWereNotUnderstoodAreUploadedAsWell() throws Exception {
        Path unparsed = Files.createDirectories(localDir.resolve("unparsed"));
        Files.writeString(unparsed.resolve("frames-dead-host-" + T + ".jsonl"), "{}\n");
        Files.writeString(unparsed.resolve("frames-dead-host-" + (T + 1) + ".jsonl.open"), "{}\n");
        store.failAlways(StoreException.Kind.REFUSED);

        assertThat(upload(LONG, longest -> !store.attempts().isEmpty())).isEqualTo(ExitCode.FOUND_WANTING);
        assertThat(words.get(words.size() - 1)).contains("Stopped early: 2 unparsed files left");

        store.heal();
        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.DONE);
        assertThat(words.get(words.size() - 1)).contains("Done: uploaded 2 unparsed files", "none left");
        assertThat(store.keys()).hasSize(2).allMatch(key -> key.startsWith("unparsed/"));
        assertThat(SpoolFiles.everything(unparsed).keySet()).containsExactlyInAnyOrder("", ".lock");
    }

    @Test
    void lockedSpoolStopsTheUploadBeforeAnyDirectoryIsTouched() throws Exception {
        Path other = SpoolFiles.folder(localDir, new Symbol("ETHUSDT"));
        Files.writeString(folder.resolve("part-a-" + T + ".jsonl.open"), SpoolFiles.lines(100, 5, T));
        try (Spool collector = Spool.open(new LocalDisk(), localDir, new Symbol("ETHUSDT"))) {
            assertThat(collector.directory()).isEqualTo(other);
            assertThatThrownBy(() -> upload(LONG, NEVER)).isInstanceOf(FileOps.LockedException.class);
        }

        assertThat(folder.resolve("part-a-" + T + ".jsonl.open")).exists();
        assertThat(upload(LONG, NEVER)).isEqualTo(ExitCode.DONE);
    }

    private ExitCode upload(Duration patience, SpoolUpload.Stop stop) throws Exception {
        Map<String, String> environment = Map.of("RAW_BUCKET", "unused", "LOCAL_DIR", localDir.toString());
        SpoolUpload uploading = new SpoolUpload(
                new SettingsLoader(environment, localDir).load(), store, new LocalDisk(), time, words::add);
        return uploading.run(SpoolFolder.below(localDir), localDir, patience, stop);
    }
}
