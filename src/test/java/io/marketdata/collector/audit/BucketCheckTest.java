package io.marketdata.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BucketCheckTest {

    private static final long TIME_MS = 1_736_950_336_567L;

    @TempDir
    private Path bucket;

    @Test
    void lineWithTimesInMicrosecondsAndLongNumbersMatchesItsManifest() throws IOException {
        String line = Trades.line(7, TIME_MS)
                .replace("\"T\":" + TIME_MS, "\"T\":" + TIME_MS + "999")
                .replace("\"M\":", "\"x\":1" + "0".repeat(5_000) + ",\"" + "y".repeat(60_000) + "\":1,\"M\":");
        put(line, new PartSummary(1, line.length(), TIME_MS, TIME_MS, 7, 7));

        BucketCheck check = new BucketCheck(bucket).run();

        assertThat(check.problems()).isEmpty();
        assertThat(check.ids(Trades.BTCUSDT)).containsExactly(7);
    }

    @Test
    void timeThatTheManifestDoesNotSayIsAProblem() throws IOException {
        String line = Trades.line(7, TIME_MS);
        put(line, new PartSummary(1, line.length(), TIME_MS, TIME_MS + 1, 7, 7));

        assertThat(new BucketCheck(bucket).run().problems()).hasSize(1);
    }

    private void put(String lines, PartSummary summary) throws IOException {
        InstanceId instance = new InstanceId("local-001");
        PartName name = new PartName(instance, Origin.STREAM, TIME_MS);
        byte[] gzip = SpoolFiles.gzip(lines);
        String key = KeyLayout.part(Trades.BTCUSDT, name);
        byte[] manifest = ManifestJson.write(new Manifest(
                new Manifest.Source("binance", "trade", Trades.BTCUSDT, instance),
                new Manifest.Payload(key, summary, gzip.length, Sha256.of(gzip)),
                TIME_MS,
                new Manifest.Quality(List.of(), 0, 0, 0, RotatedBy.TIME, Origin.STREAM, null),
                null,
                new Manifest.Software("0", "17")));
        Path part = bucket.resolve(key);
        Files.createDirectories(part.getParent());
        Files.write(part, gzip);
        Files.write(bucket.resolve(KeyLayout.manifest(Trades.BTCUSDT, name)), manifest);
    }
}
