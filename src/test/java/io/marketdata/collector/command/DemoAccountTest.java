package io.marketdata.collector.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.collect.SpoolUpload;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The last lines of the demo, and its exit code. */
class DemoAccountTest {

    private static final long T = 1_736_950_335_000L;

    @TempDir
    private Path home;

    private final StringWriter said = new StringWriter();

    @Test
    void duplicatesInTheBucketAreNoFailure() throws Exception {
        store(100, 50, T);
        store(149, 51, T + 5_000);

        assertThat(account(100, 199)).isEqualTo(ExitCode.DONE);
        assertThat(said.toString()).contains("trades issued 100", "trades stored 100", "stored twice 1", "missing 0");
    }

    @Test
    void missingTradeIsCountedAndFails() throws Exception {
        store(100, 50, T);
        store(151, 49, T + 5_000);

        assertThat(account(100, 199)).isEqualTo(ExitCode.FOUND_WANTING);
        assertThat(said.toString()).contains("trades stored 99", "missing 1");
    }

    @Test
    void tradesNeverIssuedDoNotHideAMissingOne() throws Exception {
        store(101, 100, T);

        assertThat(account(100, 199)).isEqualTo(ExitCode.FOUND_WANTING);
        assertThat(said.toString()).contains("trades stored 100", "missing 1");
    }

    @Test
    void emptyBucketFails() throws Exception {
        Files.createDirectories(home.resolve("bucket"));
        BucketCheck check = new BucketCheck(home.resolve("bucket")).run();
        assertThat(DemoAccount.of(Trades.BTCUSDT, null, check, home).code()).isEqualTo(ExitCode.FOUND_WANTING);
    }

    private ExitCode account(long first, long last) throws Exception {
        Path bucket = home.resolve("bucket");
        BucketCheck check = new BucketCheck(bucket).run();
        DemoAccount account = DemoAccount.of(Trades.BTCUSDT, new IdRange(first, last), check, bucket);
        account.print(new PrintWriter(said));
        return account.code();
    }

    private void store(long firstId, int count, long timeMs) throws Exception {
        Path localDir = home.resolve("spool");
        Files.writeString(
                SpoolFiles.folder(localDir, Trades.BTCUSDT).resolve("part-a-" + timeMs + ".jsonl"),
                SpoolFiles.lines(firstId, count, timeMs));
        Map<String, String> environment = Map.of("RAW_BUCKET", "file:./bucket", "LOCAL_DIR", localDir.toString());
        SpoolUpload uploading = new SpoolUpload(
                new SettingsLoader(environment, home).load(),
                new DirectoryObjectStore(home.resolve("bucket")),
                new LocalDisk(),
                Time.SYSTEM,
                line -> {});
        assertThat(uploading.run(SpoolFolder.below(localDir), localDir, Duration.ofMinutes(1), longest -> {
                    TimeUnit.NANOSECONDS.sleep(longest.toNanos());
                    return false;
                }))
                .isEqualTo(ExitCode.DONE);
    }
}
