package io.marketdata.query.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as users run it, in processes of its own. */
class PackagedJarIT {

    private static final Path JAR = Path.of(System.getProperty("query.jar", "target/market-data-query.jar"));
    private static final long HOUR_MS = 1_763_632_800_000L; // 2025-11-20T10:00Z
    private static final int KILLS = Integer.getInteger("kills", 6);

    @TempDir
    private Path folder;

    private record Ended(int code, String out, String err) {}

    private Process start(String... arguments) throws IOException {
        Path temporary = Files.createDirectories(folder.resolve("tmp"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                JAR.toString()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.equals("RAW_BUCKET"));
        return builder.start();
    }

    private Ended run(String... arguments) throws Exception {
        Process process = start(arguments);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Ended(
                process.exitValue(),
                Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
                Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
    }

    private RecordedBucket bucket() {
        return new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
    }

    private String[] compact() {
        return new String[] {
            "compact", "--bucket=file:" + folder.resolve("bucket"), "--symbol=BTCUSDT", "--day=2025-11-20"
        };
    }

    private Map<String, String> digests() throws IOException {
        Map<String, String> digests = new TreeMap<>();
        if (!Files.exists(folder.resolve("bucket/compact"))) {
            return digests;
        }
        try (Stream<Path> files = Files.walk(folder.resolve("bucket/compact"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.getFileName().toString().startsWith(".")) {
                    digests.put(
                            file.getFileName().toString(),
                            Sha256.of(Files.readAllBytes(file)).hex());
                }
            }
        }
        return digests;
    }

    private TreeSet<String> workFiles() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        Path work = folder.resolve("cache/market-data-query");
        try (Stream<Path> files = Files.walk(work)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> names.add(work.relativize(file).toString()));
        }
        return names;
    }

    @Test
    void aKillAtAnyMomentLeavesTheFormerFilesOrTheNewOnes() throws Exception {
        RecordedBucket bucket = bucket();
        List<Trade> issued = Trade.made(4_000_000_000L, HOUR_MS, HOUR_MS + 900_000, 1);
        List<Trade> late = issued.subList(100, 120);
        bucket.record("i-1", issued, late::contains);
        long began = System.nanoTime();
        assertThat(run(compact()).code()).isZero();
        long wholeMs = (System.nanoTime() - began) / 1_000_000;
        Map<String, String> former = digests();
        bucket.part("i-1", Origin.REST, late);
        assertThat(run(compact()).code()).isZero();
        Map<String, String> now = digests();
        assertThat(now.keySet()).isEqualTo(former.keySet()).hasSize(3);
        assertThat(now.values()).doesNotContainAnyElementsOf(former.values());

        Random random = new Random(3);
        for (int i = 0; i < KILLS; i++) {
            String[] hour = compact();
            // Each run finds the hour changed: the commit object is the one of the former parts, or missing.
            Files.deleteIfExists(commit());
            Process process = start(hour);
            process.waitFor(random.nextLong(wholeMs + 1), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
            digests().forEach((name, digest) -> assertThat(digest).as(name).isIn(former.get(name), now.get(name)));
        }
        assertThat(run(compact()).code()).isZero();
        assertThat(digests()).isEqualTo(now);
        assertThat(run("sql", "--bucket=file:" + bucket.root(), "--format=csv", "SELECT count(*) AS n FROM trades"))
                .isEqualTo(new Ended(0, "n\n" + issued.size() + "\n", ""));
        assertThat(workFiles()).allMatch(name -> name.startsWith("native/") || name.startsWith("hours/"));
        try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
            assertThat(files).isEmpty();
        }
    }

    private Path commit() {
        return folder.resolve("bucket/compact/_commits/exchange=binance/symbol=BTCUSDT/dt=2025-11-20/hour=10.json");
    }

    @Test
    void queryOnStandardOutput() throws Exception {
        bucket().record("i-1", Trade.made(4_000_000_000L, HOUR_MS, HOUR_MS + 60_000, 1), trade -> false);

        Ended answer =
                run("sql", "--bucket=file:" + folder.resolve("bucket"), "SELECT min(trade_id) AS first FROM trades");

        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.out()).isEqualTo("first\n----------\n4000000000\n(1 row)\n");
    }

    @Test
    void jarHasTheLibraryOfThisPlatformAlone() throws Exception {
        try (ZipFile jar = new ZipFile(JAR.toFile())) {
            assertThat(jar.stream().filter(entry -> entry.getName().startsWith("libduckdb_java")))
                    .hasSize(1);
            assertThat(jar.getEntry("io/marketdata/collector/Main.class")).isNotNull();
            assertThat(new String(
                            jar.getInputStream(jar.getEntry("META-INF/MANIFEST.MF"))
                                    .readAllBytes(),
                            StandardCharsets.UTF_8))
                    .contains("Enable-Native-Access: ALL-UNNAMED");
        }
    }
}
