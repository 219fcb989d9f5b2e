package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Quality;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Manifest.Source;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestIndexTest {

    private static final InstanceId INSTANCE = new InstanceId("local-001");

    static byte[] manifest(Origin origin, long epochMs) {
        String key = KeyLayout.part(Trades.BTCUSDT, new PartName(INSTANCE, origin, epochMs));
        return ManifestJson.write(new Manifest(
                new Source("binance", "trade", Trades.BTCUSDT, INSTANCE),
                new Payload(
                        key,
                        new PartSummary(1, 100, epochMs, epochMs, 7, 7),
                        80,
                        Sha256.of(key.getBytes(StandardCharsets.UTF_8))),
                epochMs + 5_000,
                new Quality(List.of(), 0, 0, 0, RotatedBy.TIME, origin, null),
                null,
                new Software("test", "17")));
    }

    private static NavigableMap<String, byte[]> lines(byte[]... lines) {
        NavigableMap<String, byte[]> byKey = new TreeMap<>();
        for (byte[] line : lines) {
            byKey.put(String.valueOf(byKey.size()), line);
        }
        return byKey;
    }

    private static byte[] gzip(byte[]... content) throws IOException {
        ByteArrayOutputStream gzip = new ByteArrayOutputStream();
        try (OutputStream out = Gzip.compressing(gzip, 1)) {
            for (byte[] each : content) {
                out.write(each);
            }
        }
        return gzip.toByteArray();
    }

    @Test
    void readsEachManifestWithItsKeyAndItsBytes() throws IOException {
        byte[] stream = manifest(Origin.STREAM, ManualTime.START_MS);
        byte[] rest = manifest(Origin.REST, ManualTime.START_MS);

        List<ManifestIndex.Entry> read = ManifestIndex.read(ManifestIndex.write(lines(rest, stream), 6));

        String folder = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/";
        assertThat(read)
                .extracting(ManifestIndex.Entry::key)
                .containsExactly(
                        folder + "manifest-local-001-rest-1736950336567.json",
                        folder + "manifest-local-001-1736950336567.json");
        assertThat(read.get(1).bytes()).isEqualTo(stream);
        assertThat(read.get(1).manifest()).isEqualTo(ManifestJson.read(stream));
    }

    @ParameterizedTest
    @CsvSource({
        "local-001,     0, 14-local-001",
        "local-001-rest.b, 12, 14-local-001-rest.b-12",
        "a-1,           0, 14-a-1",
        "a,             1, 14-a-1",
    })
    void keysAreInTheFolderOfTheirDay(String instance, int number, String file) {
        Symbol symbol = new Symbol("币安人生USDT");
        String key = KeyLayout.index(symbol, new InstanceId(instance), ManualTime.START_MS, number);

        String folder = "index/exchange=binance/stream=trade/symbol=" + symbol.encoded() + "/dt=2025-01-15/";
        assertThat(key).isEqualTo(folder + file + ".jsonl.gz");
        assertThat(KeyLayout.indexDay(symbol, ManualTime.START_MS)).isEqualTo(folder);
    }

    @Test
    void anObjectThatIsDamagedIsRefusedWithTheReason() throws IOException {
        byte[] manifest = manifest(Origin.STREAM, ManualTime.START_MS);
        byte[] index = gzip(manifest);
        byte[] flipped = index.clone();
        flipped[index.length / 2] ^= 1;

        assertRefused(new byte[0], "");
        assertRefused(manifest, "GZIP");
        assertRefused(flipped, "");
        for (int length = 0; length < index.length; length++) {
            assertRefused(Arrays.copyOf(index, length), "");
        }
        assertRefused(Arrays.copyOf(index, index.length + 1), "follow");
        assertRefused(gzip(), "no manifest");
        assertRefused(gzip(manifest, "{\n".getBytes(StandardCharsets.UTF_8)), "line 2: not a manifest");
        assertRefused(gzip(Arrays.copyOf(manifest, manifest.length - 1)), "line feed|no manifest");
        String other = new String(manifest, StandardCharsets.UTF_8).replace("\"version\":\"1\"", "\"version\":\"2\"");
        assertRefused(gzip(manifest, other.getBytes(StandardCharsets.UTF_8)), "line 2: .*version is 2");
    }

    @Test
    void anObjectThatIsMuchLargerDecompressedIsRefused() throws IOException {
        byte[] mebibyte = new byte[1 << 20];
        byte[][] content = new byte[65][];
        Arrays.fill(content, mebibyte);

        assertRefused(gzip(content), "more than 67108864 bytes");
    }

    private static void assertRefused(byte[] object, String reason) {
        assertThatThrownBy(() -> ManifestIndex.read(object))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage())).containsPattern(reason));
    }
}
