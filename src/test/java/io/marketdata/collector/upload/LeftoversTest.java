package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.line;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Starts on every combination of files that one part can leave, and on each file with a flipped bit: a start never
 * fails, uploads everything that is intact, keeps unknown files, and the neighbouring part is unaffected.
 *
 * <p>What is promised of a flipped bit: in a {@code .gz} it is always found, or it has changed no line. In a plain line
 * it is found if the line is no longer a trade; a line has no checksum, so another digit is another valid trade. In
 * {@code .checkpoint} it is always found. In a manifest it is found where it concerns the JSON, the object's name or
 * its digest.
 */
class LeftoversTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final InstanceId INSTANCE = new InstanceId("local-001");
    private static final PartName PART = new PartName(INSTANCE, Origin.STREAM, SLOT);
    private static final PartName NEIGHBOUR = new PartName(INSTANCE, Origin.STREAM, SLOT + 5_000);
    private static final PartName BEFORE = new PartName(INSTANCE, Origin.STREAM, SLOT - 5_000);

    private static final List<Long> IDS = List.of(100L, 101L, 102L);
    private static final List<Long> OPEN_IDS = List.of(100L, 101L);
    private static final List<Long> NEIGHBOUR_IDS = List.of(103L, 104L);
    private static final byte[] LINES = lines(IDS, SLOT);
    private static final byte[] TORN = bytes(line(102, SLOT).substring(0, 90));
    private static final byte[] HALF = {0x1f, (byte) 0x8b, 8};
    private static final byte[] GARBAGE = bytes("{\"version\":\"1\",\"sou\0\0\0\0");
    private static final byte[] OLD_BAD = bytes("{\"e\":\"tra");
    private static final String STRANGER = "part-local-001-" + SLOT + ".jsonl.gz.old";

    /** Taken in turns: one often makes another valid character, one never does. */
    private static final int[] FLIPS = {0x01, 0x80};

    private enum Open {
        NONE,
        EMPTY,
        TORN
    }

    private enum Packed {
        NONE,
        WHOLE,
        DAMAGED
    }

    private enum Json {
        NONE,
        RIGHT,
        OF_OTHER_BYTES,
        GARBAGE
    }

    private enum Last {
        NONE,
        BEFORE_THE_PART,
        OF_THE_PART,
        GARBAGE
    }

    /** The files that one part has left. */
    private record Leftovers(
            Open open,
            boolean sealed,
            boolean packing,
            Packed packed,
            Json manifest,
            Last last,
            boolean temporaries,
            boolean strangerAndOldQuarantine) {}

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Path HOME = Path.of("/home");
    private static final Path SYMBOL_FOLDER = HOME.resolve("exchange=binance/stream=trade/symbol=BTCUSDT");

    private MemoryDisk disk;
    private MemoryStore store;

    private byte[] gzip;
    private byte[] manifest;
    private byte[] lastOfThePart;
    private byte[] lastBeforeThePart;

    /** Makes each kind of file with the production code. */
    @BeforeEach
    void makeEachKind() throws IOException {
        newHome();
        put(PartState.SEALED.fileName(BEFORE), lines(List.of(99L), SLOT - 5_000));
        startAndPack();
        lastBeforeThePart = get(".checkpoint");
        put(PartState.SEALED.fileName(PART), LINES);
        startAndPack();
        lastOfThePart = get(".checkpoint");
        gzip = get(PartState.PACKED.fileName(PART));
        manifest = get(PART.manifestFileName());
    }

    @Test
    void everyCombinationOfFilesIsUploadedAsFarAsItIsIntact() throws IOException {
        int combinations = 0;
        for (Leftovers leftovers : all()) {
            newHome();
            leave(leftovers);
            try {
                startAndUpload();
                check(leftovers);
                int stored = store.keys().size();
                startAndUpload();
                assertThat(store.keys()).hasSize(stored);
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(leftovers + ", then " + disk.filesBelow(SYMBOL_FOLDER) + ": " + e, e);
            }
            combinations++;
        }
        assertThat(combinations).isEqualTo(3 * 2 * 2 * 3 * 4 * 4 * 2 * 2);
    }

    @Test
    void flippedBitInAnOpenPartCostsNoOtherLine() throws IOException {
        flipEach("open part", LINES, damaged -> put(PartState.OPEN.fileName(PART), damaged), this::checkPlainLines);
    }

    @Test
    void flippedBitInASealedPartCostsNoOtherLine() throws IOException {
        flipEach("sealed part", LINES, damaged -> put(PartState.SEALED.fileName(PART), damaged), this::checkPlainLines);
    }

    @Test
    void flippedBitInAPackedPartIsFoundOrChangesNoLine() throws IOException {
        flipEach(
                "packed part",
                gzip,
                damaged -> {
                    put(PartState.PACKED.fileName(PART), damaged);
                    put(PART.manifestFileName(), manifest);
                },
                (damaged, stored) -> {
                    boolean kept = quarantined().stream().anyMatch(bytes -> Arrays.equals(bytes, damaged));
                    assertThat(stored).isEqualTo(kept ? "" : text(LINES));
                });
    }

    /** While the sealed form exists it is the authority, regardless of .checkpoint. */
    @Test
    void flippedBitInAPackedPartCostsNothingWhileTheSealedFormExists() throws IOException {
        flipEach(
                "packed part beside the sealed one",
                gzip,
                damaged -> {
                    put(PartState.PACKED.fileName(PART), damaged);
                    put(PartState.SEALED.fileName(PART), LINES);
                    put(".checkpoint", lastOfThePart);
                },
                (damaged, stored) -> assertThat(stored).isEqualTo(text(LINES)));
    }

    @Test
    void flippedBitInAManifestCostsNoLineAndNeverGivesAPartAWrongDigestOrName() throws IOException {
        flipEach(
                "manifest",
                manifest,
                damaged -> {
                    put(PartState.PACKED.fileName(PART), gzip);
                    put(PART.manifestFileName(), damaged);
                },
                (damaged, stored) -> assertThat(stored).isEqualTo(text(LINES)));
    }

    @Test
    void flippedBitInTheCheckpointIsFoundAndTheCheckpointIgnored() throws IOException {
        flipEach(
                ".checkpoint",
                lastOfThePart,
                damaged -> {
                    put(PartState.SEALED.fileName(PART), LINES);
                    put(".checkpoint", damaged);
                    try (Spool spool = Spool.open(disk, HOME, Trades.BTCUSDT)) {
                        assertThat(spool.checkpoint()).isEmpty();
                    }
                },
                (damaged, stored) -> assertThat(stored).isEqualTo(text(LINES)));
    }

    private interface Leaving {
        void leave(byte[] damaged) throws IOException;
    }

    private interface Check {
        void check(byte[] damaged, String stored) throws IOException;
    }

    private void flipEach(String what, byte[] whole, Leaving leaving, Check check) throws IOException {
        for (int i = 0; i < whole.length; i++) {
            int flip = FLIPS[i % FLIPS.length];
            byte[] damaged = whole.clone();
            damaged[i] ^= (byte) flip;
            newHome();
            put(PartState.SEALED.fileName(NEIGHBOUR), lines(NEIGHBOUR_IDS, SLOT + 5_000));
            try {
                leaving.leave(damaged);
                startAndUpload();
                Map<String, String> stored = storedLines();
                assertThat(stored.remove(KeyLayout.part(Trades.BTCUSDT, NEIGHBOUR)))
                        .isEqualTo(text(lines(NEIGHBOUR_IDS, SLOT + 5_000)));
                assertThat(stored.size()).isLessThanOrEqualTo(1);
                check.check(damaged, stored.getOrDefault(KeyLayout.part(Trades.BTCUSDT, PART), ""));
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "byte " + i + " of the " + what + " xor " + flip + ", then " + disk.filesBelow(SYMBOL_FOLDER)
                                + ": " + e,
                        e);
            }
        }
    }

    /** Each line is in the bucket if it is a valid trade, otherwise in quarantine; in order, byte for byte. */
    private void checkPlainLines(byte[] damaged, String stored) throws IOException {
        StringBuilder trades = new StringBuilder();
        StringBuilder rest = new StringBuilder();
        String text = text(damaged);
        for (int from = 0, to; from < text.length(); from = to) {
            int end = text.indexOf('\n', from);
            to = end < 0 ? text.length() : end + 1;
            boolean trade = end >= 0 && isTrade(Arrays.copyOfRange(damaged, from, end));
            (trade ? trades : rest).append(text, from, to);
        }
        assertThat(stored).isEqualTo(trades.toString());
        assertThat(quarantined())
                .extracting(LeftoversTest::text)
                .isEqualTo(rest.isEmpty() ? List.of() : List.of(rest.toString()));
    }

    private static boolean isTrade(byte[] json) throws IOException {
        try {
            JsonNode trade = JSON.readTree(json);
            return trade.path("e").asText().equals("trade")
                    && trade.path("s").asText().equals("BTCUSDT")
                    && trade.path("t").isIntegralNumber()
                    && trade.path("T").isIntegralNumber();
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static List<Leftovers> all() {
        List<Leftovers> all = new ArrayList<>();
        for (Open open : Open.values()) {
            for (Packed packed : Packed.values()) {
                for (Json json : Json.values()) {
                    for (Last last : Last.values()) {
                        for (int bits = 0; bits < 16; bits++) {
                            all.add(new Leftovers(
                                    open,
                                    (bits & 1) != 0,
                                    (bits & 2) != 0,
                                    packed,
                                    json,
                                    last,
                                    (bits & 4) != 0,
                                    (bits & 8) != 0));
                        }
                    }
                }
            }
        }
        return all;
    }

    private void leave(Leftovers left) throws IOException {
        put(PartState.SEALED.fileName(NEIGHBOUR), lines(NEIGHBOUR_IDS, SLOT + 5_000));
        switch (left.open) {
            case NONE -> {}
            case EMPTY -> put(PartState.OPEN.fileName(PART), new byte[0]);
            case TORN -> put(PartState.OPEN.fileName(PART), joined(lines(OPEN_IDS, SLOT), TORN));
        }
        if (left.sealed) {
            put(PartState.SEALED.fileName(PART), LINES);
        }
        if (left.packing) {
            put(PartState.PACKING.fileName(PART), HALF);
        }
        switch (left.packed) {
            case NONE -> {}
            case WHOLE -> put(PartState.PACKED.fileName(PART), gzip);
            case DAMAGED -> put(PartState.PACKED.fileName(PART), damagedGzip());
        }
        switch (left.manifest) {
            case NONE -> {}
            case RIGHT -> put(PART.manifestFileName(), manifest);
            case OF_OTHER_BYTES ->
                put(
                        PART.manifestFileName(),
                        bytes(text(manifest)
                                .replace(Sha256.of(gzip).hex(), Sha256.of(HALF).hex())));
            case GARBAGE -> put(PART.manifestFileName(), GARBAGE);
        }
        switch (left.last) {
            case NONE -> {}
            case BEFORE_THE_PART -> put(".checkpoint", lastBeforeThePart);
            case OF_THE_PART -> put(".checkpoint", lastOfThePart);
            case GARBAGE -> put(".checkpoint", GARBAGE);
        }
        if (left.temporaries) {
            put(".checkpoint.tmp", GARBAGE);
            put(PART.manifestFileName() + ".tmp", GARBAGE);
        }
        if (left.strangerAndOldQuarantine) {
            put(STRANGER, HALF);
            put("quarantine/" + PART + ".bad", OLD_BAD);
            put("quarantine/" + PartState.PACKED.fileName(PART) + ".bad", OLD_BAD);
        }
    }

    private byte[] damagedGzip() {
        return Arrays.copyOf(gzip, gzip.length - 12);
    }

    /** Derived from the table in docs/ARCHITECTURE.md, not from the code. */
    private void check(Leftovers left) throws IOException {
        List<Long> expected = new ArrayList<>(NEIGHBOUR_IDS);
        List<byte[]> bad = new ArrayList<>();
        if (left.open == Open.TORN) {
            expected.addAll(OPEN_IDS);
            bad.add(TORN);
        }
        if (left.sealed || left.packed == Packed.WHOLE) {
            expected.addAll(IDS);
        }
        if (left.packed == Packed.DAMAGED && !left.sealed) {
            bad.add(damagedGzip());
        }
        if (left.strangerAndOldQuarantine) {
            bad.add(OLD_BAD);
            bad.add(OLD_BAD);
            assertThat(get(STRANGER)).isEqualTo(HALF);
        }
        Oracle oracle = new Oracle(objects());
        List<Long> stored =
                new ArrayList<>(oracle.lines().stream().map(Oracle.Line::id).toList());
        Collections.sort(stored);
        Collections.sort(expected);
        assertThat(stored).isEqualTo(expected);
        assertThat(quarantined())
                .extracting(LeftoversTest::text)
                .containsExactlyInAnyOrderElementsOf(
                        bad.stream().map(LeftoversTest::text).toList());
        assertThat(oracle.parts())
                .allSatisfy(part -> assertThat(part.manifest().previous() == null
                                || !part.manifest().previous().s3Key().equals(part.key()))
                        .as("%s follows itself", part.key())
                        .isTrue());

        List<String> allowed = new ArrayList<>(List.of(".lock", ".checkpoint", ".checkpoint.tmp", STRANGER));
        // Worthless and harmless: the next packing of a part of that name deletes it first.
        allowed.add(PartState.PACKING.fileName(PART));
        allowed.add(PART.manifestFileName() + ".tmp");
        if (!left.sealed && left.packed != Packed.WHOLE) {
            allowed.add(PART.manifestFileName());
        }
        assertThat(disk.list(SYMBOL_FOLDER)).isSubsetOf(allowed);
    }

    private void startAndPack() throws IOException {
        start(false);
    }

    private void startAndUpload() throws IOException {
        start(true);
    }

    /** Starts like the collector, and sweeps like it does a minute later. */
    private void start(boolean upload) throws IOException {
        try (Spool spool = Spool.open(disk, HOME, Trades.BTCUSDT)) {
            Uploader uploader = new Uploader(
                    store,
                    6,
                    new Software("test", "17"),
                    new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                    new ManualTime(),
                    () -> 0.999,
                    new UploadMetrics(new Metrics()));
            uploader.recorded(spool);
            uploader.recordedSince(spool, (origin, id, tradeTimeMs) -> {});
            SpoolSweep sweep = new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked);
            for (int cycle = 0; cycle < 2; cycle++) {
                sweep.run();
                for (int i = 0; uploader.packNext() || (upload && uploader.uploadNext()); i++) {
                    assertThat(i).as("steps").isLessThan(100);
                }
            }
            assertThat(upload ? uploader.backlog() : 0).as("backlog").isZero();
        }
    }

    private void newHome() {
        disk = new MemoryDisk();
        store = new MemoryStore();
    }

    private void put(String name, byte[] bytes) {
        disk.put(SYMBOL_FOLDER.resolve(name), bytes);
    }

    private byte[] get(String name) throws IOException {
        return disk.get(SYMBOL_FOLDER.resolve(name));
    }

    private Map<String, byte[]> objects() {
        Map<String, byte[]> objects = new LinkedHashMap<>();
        store.keys().forEach(key -> objects.put(key, store.get(key)));
        return objects;
    }

    /** The lines of each part in the bucket; each has its manifest, with its name and digest. */
    private Map<String, String> storedLines() throws IOException {
        Map<String, byte[]> objects = objects();
        Map<String, String> parts = new TreeMap<>();
        for (Map.Entry<String, byte[]> object : objects.entrySet()) {
            if (object.getKey().endsWith(".json")) {
                Manifest read = ManifestJson.read(object.getValue());
                byte[] part = objects.get(read.payload().s3Key());
                assertThat(read.payload().sha256()).isEqualTo(Sha256.of(part));
                parts.put(read.payload().s3Key(), text(Gzip.decompress(part, 1 << 20)));
            }
        }
        assertThat(objects).hasSize(2 * parts.size());
        return parts;
    }

    private List<byte[]> quarantined() throws IOException {
        List<byte[]> contents = new ArrayList<>();
        for (Path file : disk.filesBelow(SYMBOL_FOLDER.resolve("quarantine"))) {
            contents.add(disk.get(file));
        }
        return contents;
    }

    private static byte[] lines(List<Long> ids, long tradeTimeMs) {
        StringBuilder lines = new StringBuilder();
        ids.forEach(id -> lines.append(line(id, tradeTimeMs)));
        return bytes(lines.toString());
    }

    /** One character for each byte. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return bytes(text(first) + text(second));
    }
}
