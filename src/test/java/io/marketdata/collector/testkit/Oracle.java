package io.marketdata.collector.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestIndex;
import io.marketdata.collector.upload.ManifestJson;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Reads everything in a bucket independently (not with the product's readers, except for the manifest's fields) and
 * checks it against what the exchange issued.
 */
public final class Oracle {

    private static final Pattern RECEIVED = Pattern.compile(",\"recv_us\":(\\d{16})}$");
    private static final Pattern ID = Pattern.compile("\"t\":(\\d+)");
    private static final Pattern TIME = Pattern.compile("\"T\":(\\d{13})");
    private static final Pattern EVENT_TIME = Pattern.compile("\"E\":\\d+,");
    private static final Pattern EPOCH = Pattern.compile("part-.+-(\\d{13})\\.jsonl\\.gz$");
    private static final DateTimeFormatter FOLDER = DateTimeFormatter.ofPattern(
                    "'/dt='uuuu-MM-dd/HH/mm/", java.util.Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** A line of a part. */
    public record Line(long id, long tradeTimeMs, long receivedMicros, String event) {}

    /** A part with its manifest. */
    public record Part(String key, Manifest manifest, List<Line> lines) {

        /** The form in which this part holds an issued event: as it was sent, or as a backfill writes it. */
        public String expected(String issued) {
            Origin origin = manifest.quality().origin();
            assertThat(KeyLayout.partName(key).orElseThrow().origin()).isEqualTo(origin);
            return origin.isBackfilled() ? backfilledForm(issued, origin) : issued;
        }
    }

    private final List<Part> parts = new ArrayList<>();

    /** @param objects everything in the bucket */
    public Oracle(Map<String, byte[]> objects) throws IOException {
        Map<String, byte[]> left = new TreeMap<>(objects);
        for (Map.Entry<String, byte[]> object : objects.entrySet()) {
            String key = object.getKey();
            if (key.contains("/manifest-")) {
                byte[] json = left.remove(key);
                assertThat(Schemas.violations("manifest.json", json)).as(key).isEmpty();
                assertThat(new String(json, StandardCharsets.UTF_8))
                        .endsWith("}\n")
                        .containsOnlyOnce("\n");
                Manifest manifest = ManifestJson.read(json);
                String partKey = manifest.payload().s3Key();
                byte[] gzip = left.remove(partKey);
                assertThat(gzip).as("the part of %s", key).isNotNull();
                assertThat(key)
                        .isEqualTo(partKey.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json"));
                parts.add(part(partKey, gzip, manifest));
            } else if (key.startsWith(KeyLayout.INDEXES)) {
                left.remove(key);
                for (ManifestIndex.Entry entry : ManifestIndex.read(object.getValue())) {
                    byte[] indexed = objects.getOrDefault(entry.key(), entry.bytes()); // a test may have left it out
                    assertThat(entry.bytes()).as("%s in %s", entry.key(), key).isEqualTo(indexed);
                }
            }
        }
        assertThat(left.keySet()).as("objects that no manifest lists").isEmpty();
        parts.sort(java.util.Comparator.comparing(Part::key));
    }

    /** Everything in the bucket of a directory. */
    public static Oracle of(Path bucket) throws IOException {
        return new Oracle(read(bucket));
    }

    /** The objects of a directory's bucket whose keys are wanted. */
    public static Oracle of(Path bucket, Predicate<String> wanted) throws IOException {
        Map<String, byte[]> objects = read(bucket);
        objects.keySet().removeIf(wanted.negate());
        return new Oracle(objects);
    }

    /**
     * Reads a bucket in a directory, also while a process puts objects there. A put that is under way, or was killed,
     * has a file whose name begins with a dot; that is no object.
     */
    public static Map<String, byte[]> read(Path bucket) throws IOException {
        Map<String, byte[]> objects = new LinkedHashMap<>();
        if (Files.exists(bucket)) {
            try (Stream<Path> files = Files.walk(bucket)) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
                        .toList()) {
                    objects.put(bucket.relativize(file).toString(), Files.readAllBytes(file));
                }
            } catch (UncheckedIOException e) {
                return read(bucket); // one of those files went while it was listed
            }
        }
        return objects;
    }

    private static Part part(String key, byte[] gzip, Manifest manifest) throws IOException {
        List<Line> lines = new ArrayList<>();
        long bytes = 0;
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(new ByteArrayInputStream(gzip)), StandardCharsets.UTF_8))) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                bytes += text.getBytes(StandardCharsets.UTF_8).length + 1;
                Matcher received = RECEIVED.matcher(text);
                assertThat(received.find()).as(text).isTrue();
                String event = text.substring(0, received.start()) + "}";
                lines.add(new Line(number(ID, event), number(TIME, event), Long.parseLong(received.group(1)), event));
            }
        }
        Manifest.Payload payload = manifest.payload();
        assertThat(payload.sha256()).isEqualTo(Sha256.of(gzip));
        assertThat(payload.bytesGzip()).isEqualTo(gzip.length);
        assertThat(payload.summary().bytesUncompressed()).isEqualTo(bytes);
        assertThat(payload.summary().recordCount()).isEqualTo(lines.size());
        assertThat(payload.summary().idFirst())
                .isEqualTo(lines.stream().mapToLong(Line::id).min().orElse(-1));
        assertThat(payload.summary().idLast())
                .isEqualTo(lines.stream().mapToLong(Line::id).max().orElse(-1));
        assertThat(payload.summary().timeMinMs())
                .isEqualTo(lines.stream().mapToLong(Line::tradeTimeMs).min().orElse(-1));
        assertThat(payload.summary().timeMaxMs())
                .isEqualTo(lines.stream().mapToLong(Line::tradeTimeMs).max().orElse(-1));
        assertThat(key).contains(FOLDER.format(Instant.ofEpochMilli(lines.get(0).tradeTimeMs())));
        assertThat(number(EPOCH, key))
                .isBetween(lines.get(0).tradeTimeMs(), lines.get(0).tradeTimeMs() + 10);
        return new Part(key, manifest, lines);
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** Parts in the order of their keys. */
    public List<Part> parts() {
        return parts;
    }

    /** All lines of all parts. */
    public List<Line> lines() {
        return parts.stream().flatMap(part -> part.lines().stream()).toList();
    }

    /** How many trades came over REST. */
    public long backfilledTrades() {
        return parts.stream()
                .filter(part -> part.manifest().quality().origin() == Origin.REST)
                .mapToLong(part -> part.lines().size())
                .sum();
    }

    /** Every issued event is there exactly once, byte for byte, and nothing else is. */
    public Oracle holdsExactly(Map<Long, String> issued) {
        Map<Long, String> stored = new TreeMap<>();
        Map<Long, String> keys = new HashMap<>();
        for (Part part : parts) {
            for (Line line : part.lines()) {
                String other = keys.put(line.id(), part.key());
                assertThat(other)
                        .as(
                                "id %d is also in %s, rotated by %s",
                                line.id(), part.key(), part.manifest().quality())
                        .isNull();
                stored.put(line.id(), line.event());
            }
        }
        assertThat(stored.keySet()).isEqualTo(new TreeMap<>(issued).keySet());
        stored.forEach((id, event) -> assertThat(event).isEqualTo(issued.get(id)));
        return this;
    }

    /**
     * Every issued event is there exactly once, byte for byte as it was sent; or, in parts of backfilled trades, with
     * the same values in REST's form.
     */
    public Oracle holdsExactlyAsSentOrBackfilled(Map<Long, String> issued) {
        Map<Long, String> asStored = new TreeMap<>();
        for (Part part : parts) {
            for (Line line : part.lines()) {
                asStored.put(line.id(), part.expected(issued.getOrDefault(line.id(), "an id that was never issued")));
            }
        }
        assertThat(asStored.keySet()).isEqualTo(new TreeMap<>(issued).keySet());
        return holdsExactly(asStored);
    }

    /** Without {@code E}, and marked. */
    private static String backfilledForm(String event, Origin origin) {
        String without = EVENT_TIME.matcher(event).replaceFirst("");
        return without.substring(0, without.length() - 1) + ",\"src\":\"" + origin.label() + "\"}";
    }

    /** These ids are there, each exactly once. */
    public Oracle holdsExactly(IdRange ids) {
        return holdsExactly(ids.first(), ids.last());
    }

    /** The ids from first to last are there, each exactly once. */
    public Oracle holdsExactly(long first, long last) {
        long[] ids = lines().stream().mapToLong(Line::id).sorted().toArray();
        assertThat(ids).as("how many ids").hasSize((int) (last - first + 1));
        for (int i = 0; i < ids.length; i++) {
            assertThat(ids[i]).isEqualTo(first + i);
        }
        return this;
    }

    /** No part holds trades of two slots of so many milliseconds. */
    public Oracle crossesNoSlotOf(long slotMs) {
        for (Part part : parts) {
            assertThat(part.lines())
                    .as(part.key())
                    .allSatisfy(line -> assertThat(line.tradeTimeMs() / slotMs)
                            .isEqualTo(part.lines().get(0).tradeTimeMs() / slotMs));
        }
        return this;
    }

    /** Every line follows the published schema. */
    public Oracle linesFollowTheSchema() throws IOException {
        for (Line line : lines()) {
            String text = line.event().substring(0, line.event().length() - 1) + ",\"recv_us\":" + line.receivedMicros()
                    + "}";
            assertThat(Schemas.violations("trade.json", text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isEmpty();
        }
        return this;
    }
}
