package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolMarker;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.testkit.FaultyDisk;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceTest {

    private static final String PART = "part-a-1736950335000.jsonl";

    @TempDir
    private Path localDir;

    private final LocalDisk disk = new LocalDisk();

    @Test
    void newSpoolIsMarkedAndFoundAgain() throws Exception {
        claim("main", "s3-a");
        claim("main", "s3-a");
        assertThat(marker()).isEqualTo(new SpoolMarker("main network", "s3://s3-a"));
    }

    @Test
    void otherBucketIsRefusedWhileAPartWaits() throws Exception {
        claim("main", "s3-a");
        put("BTCUSDT", PART);
        assertThatThrownBy(() -> claim("main", "s3-b"))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll(
                        "belongs to exchange main network, bucket s3://s3-a",
                        "the settings say exchange main network, bucket s3://s3-b",
                        "1 part",
                        "another LOCAL_DIR",
                        "spool upload --dir " + localDir + " --to s3://s3-a");
        assertThat(marker().bucket()).isEqualTo("s3://s3-a");
    }

    @Test
    void partsOfBackfillsAndUnparsedMessagesWaitAsWell() throws Exception {
        claim("main", "s3-a");
        Path part = Files.writeString(
                SpoolFiles.folder(localDir.resolve("backfill"), Trades.BTCUSDT).resolve(PART), "x");
        assertThatThrownBy(() -> claim("main", "s3-b")).isInstanceOf(SpoolRefusedException.class);
        Files.delete(part);
        Path frames = Files.writeString(
                Files.createDirectories(localDir.resolve("unparsed")).resolve("frames-a-1.jsonl"), "x");
        assertThatThrownBy(() -> claim("main", "s3-b")).isInstanceOf(SpoolRefusedException.class);
        Files.delete(frames);
        claim("main", "s3-b");
    }

    @Test
    void emptySpoolGetsTheNewBucket() throws Exception {
        claim("main", "s3-a");
        put("BTCUSDT", ".checkpoint");
        Files.writeString(Files.createDirectories(localDir.resolve("unparsed")).resolve(".lock"), "");
        try (LogLines log = new LogLines(Provenance.class)) {
            claim("main", "file:./bucket");
            assertThat(log.all()).singleElement().asString().contains("s3://s3-a", "file:");
        }
        assertThat(marker().bucket()).isEqualTo("file:" + home().resolve("bucket"));
    }

    @Test
    void otherExchangeIsRefusedWhereTradesWereRecorded() throws Exception {
        claim("simulator", "s3-a");
        put("BTCUSDT", ".checkpoint");
        for (String other : new String[] {"main", "test"}) {
            assertThatThrownBy(() -> claim(other, "s3-a"))
                    .isInstanceOf(SpoolRefusedException.class)
                    .hasMessageContainingAll("exchange simulator", other + " network", "rm -r " + localDir);
        }
        assertThat(localDir.resolve("exchange=binance/stream=trade/symbol=BTCUSDT/.checkpoint"))
                .exists();
        assertThat(marker().network()).isEqualTo("simulator");
    }

    @Test
    void spoolThatWasNeverUsedGetsTheNewExchange() throws Exception {
        claim("simulator", "s3-a");
        claim("main", "s3-a");
        assertThat(marker().network()).isEqualTo("main network");
    }

    @Test
    void spoolOfVersion010IsAdopted() throws Exception {
        put("BTCUSDT", PART);
        try (LogLines log = new LogLines(Provenance.class)) {
            claim("main", "s3-a");
            assertThat(log.all()).singleElement().asString().startsWith("INFO").contains("without .spool", "s3://s3-a");
        }
        assertThat(marker()).isEqualTo(new SpoolMarker("main network", "s3://s3-a"));
    }

    @Test
    void damagedMarkerIsNotReplaced() throws Exception {
        Files.writeString(localDir.resolve(".spool"), "version=1\n");
        assertThatThrownBy(() -> claim("main", "s3-a")).isInstanceOf(SpoolRefusedException.class);
        assertThat(localDir.resolve(".spool")).hasContent("version=1\n");
    }

    @Test
    void linkedMarkerIsNotFollowed() throws Exception {
        Path elsewhere = localDir.resolve("elsewhere");
        Files.writeString(elsewhere, "version=1\nexchange=main network\nbucket=s3://s3-a\n");
        Files.createSymbolicLink(localDir.resolve(".spool"), elsewhere);
        assertThatThrownBy(() -> claim("main", "s3-a")).isInstanceOf(SpoolRefusedException.class);
    }

    /** Uploads free the space; a collector that ends because of it would not. */
    @Test
    void fullDiskDoesNotStopAnUnmarkedSpool() throws Exception {
        put("BTCUSDT", PART);
        FaultyDisk full = new FaultyDisk(disk);
        full.setFull(true);
        Provenance.claim(settings("main", "s3-a"), full);
        assertThat(localDir.resolve(".spool")).doesNotExist();
    }

    @Test
    void uploadIsRefusedToAnotherBucketOnly() throws Exception {
        Provenance.requireBucket(settings("main", "s3-b").store(), localDir, disk);
        claim("simulator", "s3-a");
        Provenance.requireBucket(settings("main", "s3-a").store(), localDir, disk);
        assertThatThrownBy(
                        () -> Provenance.requireBucket(settings("main", "s3-b").store(), localDir, disk))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll("s3://s3-a", "RAW_BUCKET is s3://s3-b", "--to s3://s3-a");
    }

    @Test
    void bucketOnAnotherServerIsAnotherBucket() throws Exception {
        Map<String, String> environment = environment("main", "s3-a");
        environment.put("AWS_ENDPOINT_URL_S3", "https://minio.example:9000");
        assertThat(load(environment).store().identity()).isEqualTo("s3://s3-a at minio.example");
        environment.put("AWS_ENDPOINT_URL_S3", "https://s3.eu-west-1.amazonaws.com");
        assertThat(load(environment).store().identity()).isEqualTo("s3://s3-a");
    }

    private void put(String symbol, String file) throws Exception {
        Path folder = SpoolFiles.folder(localDir, new Symbol(symbol));
        Files.writeString(folder.resolve(file), "x");
    }

    private void claim(String network, String bucket) throws Exception {
        Provenance.claim(settings(network, bucket), disk);
    }

    private SpoolMarker marker() throws Exception {
        return SpoolMarker.read(disk, localDir).orElseThrow();
    }

    private Settings settings(String network, String bucket) throws Exception {
        return load(environment(network, bucket));
    }

    private Settings load(Map<String, String> environment) throws Exception {
        return new SettingsLoader(environment, home()).load();
    }

    private Map<String, String> environment(String network, String bucket) {
        Map<String, String> environment = new HashMap<>(Map.of("RAW_BUCKET", bucket, "LOCAL_DIR", localDir.toString()));
        if (network.equals("simulator")) {
            environment.put("WS_URL", "ws://127.0.0.1:9443");
            environment.put("REST_URL", "http://127.0.0.1:9080");
        } else if (network.equals("test")) {
            environment.put("WS_URL", "wss://stream.testnet.binance.vision");
            environment.put("REST_URL", "https://testnet.binance.vision");
        }
        return environment;
    }

    /** What a relative path in the settings is relative to. */
    private Path home() {
        return localDir.resolveSibling("home-of-" + localDir.getFileName());
    }
}
