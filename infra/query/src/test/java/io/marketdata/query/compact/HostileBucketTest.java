package io.marketdata.query.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not as a collector writes it is read right, or left out or refused by its name; never silently. */
class HostileBucketTest {

    private static final long HOUR_MS = 1_763_632_800_000L; // 2025-11-20T10:00Z
    private static final String COMMIT = "compact/_commits/exchange=binance/symbol=BTCUSDT/dt=2025-11-20/hour=10.json";

    @TempDir
    private Path folder;

    private RecordedBucket bucket;
    private List<Trade> issued;
    private List<String> keys;

    @BeforeEach
    void record() throws IOException {
        bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        issued = Trade.made(5_000_000_000L, HOUR_MS + 100_000, HOUR_MS + 400_000, 7);
        keys = bucket.record("i-1", issued, trade -> false);
    }

    private Cli compact() {
        return Cli.run("compact", "--bucket=file:" + bucket.root(), "--symbol=BTCUSDT", "--day=2025-11-20");
    }

    private long trades() throws IOException {
        String row = Cli.rows(bucket.root(), folder.resolve("rows"), "SELECT count(*) AS n FROM trades")
                .get(0);
        return Long.parseLong(row.replaceAll("\\D", ""));
    }

    /** The second part of the instance, whose trades no other instance has. */
    private List<Trade> ofSecondPart() {
        long slot = issued.stream()
                        .filter(trade -> trade.timeMs() / 5_000 > issued.get(0).timeMs() / 5_000)
                        .findFirst()
                        .orElseThrow()
                        .timeMs()
                / 5_000;
        return issued.stream().filter(trade -> trade.timeMs() / 5_000 == slot).toList();
    }

    private void leavesOut(String key, String reason, int lost) throws IOException {
        Cli first = compact();
        assertThat(first.out()).contains(key + " is left out: " + reason);
        assertThat(first.code()).isEqualTo(1);
        assertThat(trades()).isEqualTo(issued.size() - lost);
        assertThat(Files.readString(bucket.root().resolve(COMMIT))).contains("\"s3_key\":\"" + key + "\"");
        // The fault is still there the next time, though nothing is made.
        assertThat(compact()).satisfies(second -> {
            assertThat(second.code()).isEqualTo(1);
            assertThat(second.out()).contains("unchanged", key);
        });
    }

    @Test
    void zeroByteObject() throws IOException {
        bucket.write(keys.get(1), new byte[0]);

        leavesOut(keys.get(1), "it has 0 bytes", ofSecondPart().size());
    }

    @Test
    void changedObject() throws IOException {
        byte[] bytes = Files.readAllBytes(bucket.root().resolve(keys.get(1)));
        bytes[bytes.length / 2] ^= 1;
        bucket.write(keys.get(1), bytes);

        leavesOut(
                keys.get(1),
                "its SHA-256 is not the one of its manifest",
                ofSecondPart().size());
    }

    @Test
    void tornLineUnderAMatchingDigest() throws IOException {
        List<Trade> lines = List.of(new Trade(6_000_000_000L, HOUR_MS + 500_000, "1.00000000", "1.00000000", true));
        String text = bucket.line(lines.get(0), Origin.STREAM).substring(0, 70);
        String key = bucket.part("i-2", Origin.STREAM, lines, RecordedBucket.gzip(text), text.length());

        leavesOut(key, "ends in the middle of line 1", 0);
    }

    @Test
    void foreignSymbolUnderAMatchingDigest() throws IOException {
        List<Trade> lines = List.of(new Trade(6_000_000_000L, HOUR_MS + 500_000, "1.00000000", "1.00000000", true));
        String text = bucket.line(lines.get(0), Origin.STREAM).replace("BTCUSDT", "ETHUSDT") + "\n";
        String key = bucket.part("i-2", Origin.STREAM, lines, RecordedBucket.gzip(text), text.length());

        leavesOut(key, "line 1 is a trade of another symbol", 0);
    }

    @Test
    void wrappedLineUnderAMatchingDigest() throws IOException {
        List<Trade> lines = List.of(new Trade(6_000_000_000L, HOUR_MS + 500_000, "1.00000000", "1.00000000", true));
        String text = "{\"stream\":\"btcusdt@trade\",\"data\":" + bucket.line(lines.get(0), Origin.STREAM) + "}\n";
        String key = bucket.part("i-2", Origin.STREAM, lines, RecordedBucket.gzip(text), text.length());

        leavesOut(key, "line 1 is not a trade", 0);
    }

    @Test
    void fewerLinesThanTheManifestSays() throws IOException {
        List<Trade> lines = issued.subList(0, 3);
        String text = bucket.line(lines.get(0), Origin.STREAM) + "\n" + " ".repeat(100) + "\n";
        String key = bucket.part("i-2", Origin.STREAM, lines, RecordedBucket.gzip(text), 400);

        leavesOut(key, "line 2 is not a trade", 0);
    }

    @Test
    void moreDecimalsThanTheTableHoldsRefuseTheHour() throws IOException {
        List<Trade> lines = List.of(new Trade(6_000_000_000L, HOUR_MS + 500_000, "0.000000019", "1.00000000", true));
        String key = bucket.part("i-2", Origin.STREAM, lines);

        Cli compact = compact();

        assertThat(compact.code()).as(compact.toString()).isEqualTo(1);
        assertThat(compact.out())
                .contains("T10: refused", "trade 6000000000", "0.000000019", key, "at most 8 decimals");
        assertThat(bucket.root().resolve(COMMIT)).doesNotExist();
    }

    @Test
    void zerosAfterEightDecimalsAreNoMoreDecimals() throws IOException {
        bucket.part(
                "i-2",
                Origin.STREAM,
                List.of(issued.get(0).withPrice(issued.get(0).price() + "00")));

        assertThat(compact()).matches(run -> run.code() == 0);
        assertThat(trades()).isEqualTo(issued.size());
    }

    @Test
    void foreignObjectIsNamedAndNotRead() throws IOException {
        String key = KeyLayout.hour(new Symbol("BTCUSDT"), HOUR_MS) + "05/notes.jsonl.gz";
        bucket.write(key, RecordedBucket.gzip("{\"t\":1}\n"));

        assertThat(compact()).satisfies(compact -> {
            assertThat(compact.code()).isZero();
            assertThat(compact.out()).contains("note: " + key + " is not an object of a collector");
        });
        assertThat(trades()).isEqualTo(issued.size());
    }

    @Test
    void prettyPrintedManifestIsRead() throws IOException {
        Path manifest = bucket.root().resolve(KeyLayout.manifestOf(keys.get(1)));
        Files.writeString(
                manifest, Files.readString(manifest).replace(",", ",\n  ").replace("{", "{\n"));

        assertThat(compact()).matches(run -> run.code() == 0);
        assertThat(trades()).isEqualTo(issued.size());
    }

    @Test
    void brokenManifestLeavesThePartToItsLines() throws IOException {
        bucket.write(KeyLayout.manifestOf(keys.get(1)), "{".getBytes(StandardCharsets.UTF_8));
        age(keys.get(1));

        assertThat(compact().out()).contains("note: " + KeyLayout.manifestOf(keys.get(1)));
        assertThat(trades()).isEqualTo(issued.size());
    }

    @Test
    void duplicatePartChangesNothing() throws IOException {
        bucket.part("i-1", Origin.STREAM, ofSecondPart());

        assertThat(compact()).matches(run -> run.code() == 0);
        assertThat(trades()).isEqualTo(issued.size());
    }

    @Test
    void partWithoutManifestIsReadWhenItsManifestCannotComeAnyMore() throws IOException {
        Files.delete(bucket.root().resolve(KeyLayout.manifestOf(keys.get(1))));

        assertThat(compact().out()).contains("note: " + keys.get(1) + " has no manifest yet");
        assertThat(trades()).isEqualTo(issued.size() - ofSecondPart().size());

        age(keys.get(1));
        Cli compact = compact();
        assertThat(compact.out()).contains("T10: compacted", "it has no manifest; its lines are checked one by one");
        assertThat(compact.code()).isZero();
        assertThat(trades()).isEqualTo(issued.size());
    }

    @Test
    void tornPartWithoutManifestIsLeftOut() throws IOException {
        Files.delete(bucket.root().resolve(KeyLayout.manifestOf(keys.get(1))));
        byte[] bytes = Files.readAllBytes(bucket.root().resolve(keys.get(1)));
        bucket.write(keys.get(1), Arrays.copyOf(bytes, bytes.length / 2));
        age(keys.get(1));

        leavesOut(
                keys.get(1),
                "Unexpected end of ZLIB input stream",
                ofSecondPart().size());
    }

    private void age(String key) throws IOException {
        Files.setLastModifiedTime(
                bucket.root().resolve(key), FileTime.from(Instant.now().minusSeconds(1_000)));
    }

    @Test
    void copiesThatDifferAreReportedWithTheirParts() throws IOException {
        List<Trade> others = new ArrayList<>(ofSecondPart());
        Trade disputed = others.get(0);
        others.set(0, disputed.withPrice("61000.00000000"));
        String other = bucket.part("i-2", Origin.STREAM, others);
        bucket.part("i-3", Origin.STREAM, ofSecondPart());

        Cli compact = compact();

        assertThat(compact.code()).as(compact.toString()).isEqualTo(1);
        assertThat(compact.out())
                .contains("trade " + disputed.id() + " has copies that differ: price " + disputed.price())
                .contains("price 61000.00000000", other, keys.get(1));
        assertThat(Files.readString(bucket.root().resolve(COMMIT)))
                .contains("\"disagreements\":[{\"id\":" + disputed.id(), "\"price\":\"61000.00000000\"");
        // The version that most copies have.
        assertThat(Cli.rows(
                        bucket.root(),
                        folder.resolve("rows"),
                        "SELECT price, copies FROM trades WHERE trade_id = " + disputed.id()))
                .containsExactly("{\"price\":" + disputed.price() + ",\"copies\":3}");
    }

    @Test
    void emptyBucketIsNoSuccess() {
        Cli compact =
                Cli.run("compact", "--bucket=file:" + folder.resolve("none"), "--symbol=BTCUSDT", "--day=2025-11-20");

        assertThat(compact.code()).isEqualTo(2);
        assertThat(compact.out()).contains("There is nothing to compact");
    }
}
