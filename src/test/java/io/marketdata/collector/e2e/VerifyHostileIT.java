package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A bucket of which every object wants to mislead or to exhaust who reads it. */
@Execution(ExecutionMode.CONCURRENT)
class VerifyHostileIT {

    private static final long DAY_MS = 1_736_899_200_000L;
    private static final long MOST_RSS_KIB = 256 << 10;
    private static final String FOLDER = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/";

    @TempDir
    private Path folder;

    @Test
    void aHostileBucketIsReportedInBoundedMemory() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 5)
                .record(RecordedDay.issued(1_000, DAY_MS, DAY_MS + 100_000, 5_000), id -> false)
                .writeTo(folder.resolve("bucket"));
        bomb();
        gaps();
        ofAnotherSymbol();
        climbing();
        write("05/00/manifest-h-1736917200000.json", "[".repeat(100_000).getBytes(StandardCharsets.UTF_8));
        write("05/00/%2e%2e/part-h-1736917200001.jsonl.gz", new byte[1]);
        write("06/00/part-h-99999999999999999999.jsonl.gz", new byte[1]);
        Path outside = Files.writeString(folder.resolve("secret.jsonl.gz"), "secret");
        Set<String> before = filesBelow();

        JsonNode report = verify();

        Set<String> kinds = new HashSet<>();
        report.get("problems").forEach(problem -> kinds.add(problem.get("kind").asText()));
        assertThat(kinds)
                .contains(
                        "content_differs", "manifest_of_another_part", "manifest_unreadable", "part_without_manifest");
        assertThat(report.get("notices").toString()).contains("that no collector puts there");
        assertThat(report.get("trades").asLong()).isLessThan(2_000_000);
        assertThat(Files.readString(outside)).isEqualTo("secret");
        Set<String> after = filesBelow();
        after.removeAll(before);
        assertThat(after).isEmpty();
    }

    /** Blocks of a deflated stream that end at a byte, so that they may be repeated. */
    private static byte[] deflated(byte[] bytes) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(bytes);
        byte[] out = new byte[1 << 20];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    /** 10 GiB of zeros in a part of 10 MB; its manifest claims as many as is possible. */
    private void bomb() throws IOException {
        Path part = write("01/00/part-h-1736902800000.jsonl.gz", new byte[0]);
        try (OutputStream out = Files.newOutputStream(part)) {
            out.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0});
            byte[] zeros = deflated(new byte[1 << 24]);
            for (int i = 0; i < 640; i++) {
                out.write(zeros);
            }
            out.write(new byte[] {1, 0, 0, -1, -1, 0, 0, 0, 0, 0, 0, 0, (byte) 0x80}); // end, checksum, length
        }
        byte[] bytes = Files.readAllBytes(part);
        String sha256 = Sha256.of(bytes).hex();
        write(
                "01/00/manifest-h-1736902800000.json",
                manifest(
                        "BTCUSDT",
                        FOLDER + "01/00/part-h-1736902800000.jsonl.gz",
                        1_736_902_800_000L,
                        5_000_000,
                        5_000_099,
                        100,
                        100_000_000,
                        bytes.length,
                        sha256,
                        "[]"));
    }

    /** A million of them. */
    private void gaps() throws IOException {
        for (int i = 0; i < 20; i++) {
            long first = 10_000_000L + i * 200_000L;
            StringBuilder missing = new StringBuilder("[");
            for (int k = 0; k < 50_000; k++) {
                missing.append(k == 0 ? "[" : ",[")
                        .append(first + 2 * k + 1)
                        .append(',')
                        .append(first + 2 * k + 1)
                        .append(']');
            }
            long epochMs = 1_736_906_400_000L + i;
            String key = FOLDER + "02/00/part-h-" + epochMs + ".jsonl.gz";
            write("02/00/part-h-" + epochMs + ".jsonl.gz", new byte[5_000]);
            write(
                    "02/00/manifest-h-" + epochMs + ".json",
                    manifest(
                            "BTCUSDT",
                            key,
                            epochMs,
                            first,
                            first + 100_000,
                            50_001,
                            3_000_000,
                            5_000,
                            "0".repeat(64),
                            missing + "]"));
        }
    }

    private void ofAnotherSymbol() throws IOException {
        List<Issued> trades = List.of(new Issued(7, DAY_MS + 3 * 3_600_000));
        TreeMap<String, byte[]> other = new RecordedDay(new Symbol("ETHUSDT"), "h", 5)
                .record(trades, id -> false)
                .objects();
        for (Map.Entry<String, byte[]> object : other.entrySet()) {
            write(object.getKey().replaceFirst(".*dt=2025-01-15/", ""), object.getValue());
        }
    }

    private void climbing() throws IOException {
        write("04/00/part-h-1736913600000.jsonl.gz", new byte[10]);
        write(
                "04/00/manifest-h-1736913600000.json",
                manifest("BTCUSDT", "../secret.jsonl.gz", 1_736_913_600_000L, 9, 9, 1, 100, 10, "0".repeat(64), "[]"));
    }

    private static byte[] manifest(
            String symbol,
            String key,
            long timeMs,
            long idFirst,
            long idLast,
            long count,
            long bytes,
            long gzip,
            String sha256,
            String missing) {
        return ("{\"version\":\"1\",\"source\":{\"exchange\":\"binance\",\"stream\":\"trade\",\"symbol\":\"" + symbol
                        + "\",\"instance_id\":\"h\"},\"payload\":{\"s3_key\":\"" + key + "\",\"record_count\":" + count
                        + ",\"bytes_uncompressed\":" + bytes + ",\"bytes_gzip\":" + gzip + ",\"time_min_ms\":" + timeMs
                        + ",\"time_max_ms\":" + timeMs + ",\"id_first\":" + idFirst + ",\"id_last\":" + idLast
                        + ",\"sha256\":\"" + sha256 + "\"},\"created_at_ms\":" + timeMs
                        + ",\"quality\":{\"missing_ids\":" + missing + ",\"missing_count\":0,\"duplicates_dropped\":0,"
                        + "\"out_of_order\":0,\"rejected\":0,\"rotated_by\":\"time\",\"origin\":\"stream\"},"
                        + "\"previous\":{\"s3_key\":\"../../../../etc/passwd\",\"sha256\":\"" + "0".repeat(64)
                        + "\",\"id_last\":9223372036854775807},\"collector\":{\"version\":\"x\",\"java\":\"17\"}}\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve("bucket").resolve(FOLDER + name);
        Files.createDirectories(file.resolve("..").normalize());
        return Files.write(file, bytes);
    }

    private Set<String> filesBelow() throws IOException {
        Set<String> names = new HashSet<>();
        try (var files = Files.walk(folder)) {
            files.filter(Files::isRegularFile).forEach(file -> names.add(file.toString()));
        }
        return names;
    }

    private JsonNode verify() throws Exception {
        String[] command = {"verify", "--symbol=BTCUSDT", "--day=2025-01-15", "--json", "--deep", "--requests=8"};
        long mostKib = 0;
        try (CollectorProcess verify = CollectorProcess.start(
                folder, Map.of("RAW_BUCKET", "file:./bucket"), List.of("-Xmx160m", "-XX:+UseSerialGC"), command)) {
            while (verify.isAlive()) {
                mostKib = Math.max(mostKib, verify.mostRssKib());
                verify.endsWithin(Duration.ofMillis(100));
            }
            assertThat(verify.awaitExit()).as(verify.text()).isEqualTo(2);
            assertThat(mostKib).isLessThan(MOST_RSS_KIB);
            return new ObjectMapper().readTree(verify.text()).get("periods").get(0);
        }
    }
}
