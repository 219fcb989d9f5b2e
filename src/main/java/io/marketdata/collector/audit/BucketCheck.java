package io.marketdata.collector.audit;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestJson;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Verifies every object of a bucket in a local directory: whether each manifest matches its part, whether each part has
 * a manifest, and which ids are stored. Skips test objects of {@code doctor} and
 * indexes. One thread; reads only.
 */
public final class BucketCheck {

    // A line may hold whatever the exchange sends in a frame.
    private static final ObjectMapper JSON = new ObjectMapper(new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build());

    private static final long MAX_TIME_MS = 9_999_999_999_999L; // a time with more digits is in microseconds

    private final Path root;
    private final List<String> problems = new ArrayList<>();
    private final List<Manifest> manifests = new ArrayList<>();
    private final Map<Source, List<long[]>> ids = new LinkedHashMap<>();

    /** Parts of one symbol and one origin. */
    private record Source(Symbol symbol, Origin origin) {}

    /** @param root the directory that holds {@code raw/} */
    public BucketCheck(Path root) {
        this.root = root;
    }

    public BucketCheck run() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !root.relativize(file).startsWith(Path.of(KeyLayout.PROBES)))
                    .filter(file -> !root.relativize(file).startsWith(Path.of(KeyLayout.INDEXES)))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (name.startsWith("manifest-")) {
                check(file);
            } else if (!name.startsWith("part-") || !Files.exists(manifestOf(file, name))) {
                problems.add(root.relativize(file) + " has no manifest");
            }
        }
        return this;
    }

    private static Path manifestOf(Path part, String name) {
        return part.resolveSibling(name.replaceFirst("^part-", "manifest-").replaceFirst("\\.jsonl\\.gz$", ".json"));
    }

    private void check(Path file) {
        try {
            Manifest manifest = ManifestJson.read(Files.readAllBytes(file));
            manifests.add(manifest);
            byte[] gzip = Files.readAllBytes(root.resolve(manifest.payload().s3Key()));
            if (!Sha256.of(gzip).equals(manifest.payload().sha256())) {
                problems.add(manifest.payload().s3Key() + " does not have the SHA-256 of its manifest");
                return;
            }
            readPart(manifest, gzip);
        } catch (IOException | IllegalArgumentException e) {
            problems.add(root.relativize(file) + ": " + e);
        }
    }

    private void readPart(Manifest manifest, byte[] gzip) throws IOException {
        long bytes = 0;
        List<JsonNode> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(new ByteArrayInputStream(gzip)), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                bytes += line.getBytes(StandardCharsets.UTF_8).length + 1;
                lines.add(JSON.readTree(line));
            }
        }
        long[] found = lines.stream().mapToLong(line -> line.get("t").asLong()).toArray();
        LongSummaryStatistics id = Arrays.stream(found).summaryStatistics();
        LongStream times = lines.stream().mapToLong(line -> millis(line.get("T").asLong()));
        LongSummaryStatistics t = times.summaryStatistics();
        PartSummary summary = new PartSummary(found.length, bytes, t.getMin(), t.getMax(), id.getMin(), id.getMax());
        if (!summary.equals(manifest.payload().summary())) {
            problems.add(manifest.payload().s3Key() + " holds " + summary + ", but its manifest says "
                    + manifest.payload().summary());
        }
        Source source =
                new Source(manifest.source().symbol(), manifest.quality().origin());
        ids.computeIfAbsent(source, each -> new ArrayList<>()).add(found);
    }

    private static long millis(long time) {
        return time > MAX_TIME_MS ? time / 1_000 : time;
    }

    /** Problems found, one line each. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /** Every readable manifest, in the order of the keys. */
    public List<Manifest> manifests() {
        return List.copyOf(manifests);
    }

    /** The stored ids, ascending, each as often as it is stored. */
    public long[] ids(Symbol symbol) {
        return Arrays.stream(Origin.values())
                .flatMapToLong(origin -> Arrays.stream(ids(symbol, origin)))
                .sorted()
                .toArray();
    }

    /** The stored ids of one origin. */
    public long[] ids(Symbol symbol, Origin origin) {
        return ids.getOrDefault(new Source(symbol, origin), List.of()).stream()
                .flatMapToLong(Arrays::stream)
                .sorted()
                .toArray();
    }
}
