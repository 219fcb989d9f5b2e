package io.marketdata.collector.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.SkippingTime;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.UnparsedObject;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.UploadMetrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReparseTest {

    private static final long MS = 1_736_950_336_567L;
    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");
    private static final String UNKNOWN = "{\"e\":\"tradePrevented\",\"s\":\"BTCUSDT\"}";

    @TempDir
    private Path home;

    private final SkippingTime time = new SkippingTime();
    private final MemoryStore store = new MemoryStore();
    private final List<String> words = new ArrayList<>();

    /** Puts frames into a bucket in a directory as an earlier version did that did not understand them. */
    private Path bucket(List<String> frames, String reason) throws IOException {
        SpoolMetrics metrics = new SpoolMetrics(new Metrics());
        UnparsedFrames kept = UnparsedFrames.open(
                new LocalDisk(),
                home.resolve("old-spool"),
                new InstanceId("old"),
                new UnparsedFrames.Budget(1 << 20, 1 << 20, 0),
                time,
                metrics);
        long receivedMicros = Trades.RECEIVED_US;
        for (String frame : frames) {
            byte[] bytes = frame.getBytes(UTF_8);
            assertThat(kept.keep("A1", bytes, 0, bytes.length, reason, receivedMicros++))
                    .isTrue();
        }
        kept.seal();
        Path bucket = home.resolve("bucket");
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1));
        new UnparsedUpload(
                        kept,
                        new DirectoryObjectStore(bucket),
                        6,
                        backoff,
                        time,
                        () -> 0.5,
                        new UploadMetrics(new Metrics()))
                .run(() -> true);
        kept.close();
        return bucket;
    }

    private Reparse reparse(Path directory) throws Exception {
        return reparse(directory, longest -> false);
    }

    private Reparse reparse(Path directory, SpoolUpload.Stop stop) throws Exception {
        Reparse reparse = new Reparse(
                new SettingsLoader(
                                Map.of(
                                        "RAW_BUCKET",
                                        "file:" + home.resolve("unused"),
                                        "LOCAL_DIR",
                                        home.resolve("spool").toString(),
                                        "INSTANCE_ID",
                                        "a"),
                                home)
                        .load(),
                store,
                new LocalDisk(),
                time,
                words::add);
        reparse.run(UnparsedObject.below(directory), stop);
        return reparse;
    }

    private String parts(Symbol symbol) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, byte[]> object : store.objects().entrySet()) {
            if (object.getKey().contains("symbol=" + symbol + "/")
                    && object.getKey().endsWith(".gz")) {
                byte[] part = new GZIPInputStream(new ByteArrayInputStream(object.getValue())).readAllBytes();
                lines.append(new String(part, UTF_8));
            }
        }
        return lines.toString();
    }

    private static String line(String frame, int plusMicros) {
        return frame.substring(0, frame.length() - 1) + ",\"recv_us\":" + (Trades.RECEIVED_US + plusMicros) + "}\n";
    }

    @Test
    void tradesAmongKeptFramesBecomePartsByteForByte() throws Exception {
        String first = Trades.json(Trades.BTCUSDT, 1, MS).replace("}", ",\"new\":{\"x\":\"\u5e01\\u0041\"}}");
        String second = Trades.json(Trades.BTCUSDT, 2, MS + 10_000);
        String other = Trades.json(ETHUSDT, 9, MS);
        String ofAnotherConnection = first.replace("\"E\":", "\"E\":1");
        Path bucket = bucket(
                List.of(
                        first,
                        UNKNOWN,
                        "{\"stream\":\"btcusdt@trade\",\"data\":" + second + "}",
                        other,
                        ofAnotherConnection,
                        "{\"result\":null,\"id\":1}",
                        "not JSON"),
                "neither a trade nor a reply");

        Reparse reparse = reparse(bucket);

        assertThat(parts(Trades.BTCUSDT)).isEqualTo(line(first, 0) + line(second, 2));
        assertThat(parts(ETHUSDT)).isEqualTo(line(other, 3));
        assertThat(reparse.summary())
                .isEqualTo(
                        "Read 1 object with 7 frames: 3 trades recovered (BTCUSDT 2, ETHUSDT 1), 1 repeated by another"
                                + " connection, 0 contradicting a recorded trade, 1 not trades, 2 still not understood; 0 lines"
                                + " torn or damaged");
        assertThat(reparse.waitingParts()).isZero();
        assertThat(UnparsedObject.below(bucket)).as("nothing is deleted").hasSize(1);
        assertThat(store.keys()).hasSize(6).allMatch(key -> key.contains("-a-"));
    }

    @Test
    void secondRunAddsNothing() throws Exception {
        Path bucket = bucket(List.of(Trades.json(Trades.BTCUSDT, 1, MS), Trades.json(Trades.BTCUSDT, 5, MS + 1)), "x");
        reparse(bucket);
        List<String> keys = store.keys();
        assertThat(reparse(bucket).trades()).isEqualTo(2);
        assertThat(store.keys()).isEqualTo(keys);
    }

    @Test
    void tradeThatContradictsARecordedOneIsLeftWhereItIs() throws Exception {
        Reparse reparse = reparse(bucket(List.of(Trades.json(Trades.BTCUSDT, 1, MS)), TradeSink.OTHER_PAYLOAD));
        assertThat(store.keys()).isEmpty();
        assertThat(reparse.summary()).contains("1 contradicting a recorded trade");
    }

    @Test
    void damagedObjectFailsAloneAndItsTornLineIsCounted() throws Exception {
        Path frames = Files.createDirectories(home.resolve("copied"));
        String frame = Trades.json(Trades.BTCUSDT, 1, MS);
        String whole = "{\"recv_us\":1,\"reason\":\"x\",\"frame_base64\":\""
                + Base64.getEncoder().encodeToString(frame.getBytes(UTF_8)) + "\"}\n";
        Files.writeString(frames.resolve("frames-a-5.jsonl"), whole + "{\"recv_us\":2,\"reas");
        Files.write(frames.resolve("frames-a-6.jsonl.gz"), new byte[] {1, 2, 3});
        Reparse reparse = reparse(frames);
        assertThat(reparse.trades()).isEqualTo(1);
        assertThat(reparse.unreadable()).hasSize(1).first().asString().contains("frames-a-6.jsonl.gz");
        assertThat(reparse.summary()).endsWith("1 line torn or damaged");
    }

    @Test
    void partsThatAreNotUploadedAreUploadedByTheNextRun() throws Exception {
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        Path bucket = bucket(List.of(Trades.json(Trades.BTCUSDT, 1, MS)), "x");
        Reparse first = reparse(bucket, longest -> !store.attempts().isEmpty());
        assertThat(first.waitingParts()).isEqualTo(1);
        store.heal();
        assertThat(reparse(Files.createDirectories(home.resolve("empty"))).waitingParts())
                .isZero();
        assertThat(parts(Trades.BTCUSDT)).isEqualTo(Trades.line(1, MS));
    }
}
