package io.marketdata.collector.upload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Previous;
import io.marketdata.collector.model.Manifest.Quality;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Manifest.Source;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Writes and reads manifests: exactly one line of JSON and a line feed, members in the order of {@code
 * schemas/manifest.json}. One line, because query engines read every object of a folder, and one line becomes one row
 * that a filter drops.
 */
public final class ManifestJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ManifestJson() {}

    /** The manifest as it is stored. */
    public static byte[] write(Manifest manifest) {
        ObjectNode root = JSON.createObjectNode().put("version", Manifest.VERSION);
        root.putObject("source")
                .put("exchange", manifest.source().exchange())
                .put("stream", manifest.source().stream())
                .put("symbol", manifest.source().symbol().value())
                .put("instance_id", manifest.source().instanceId().value());
        putPayload(root.putObject("payload"), manifest.payload());
        root.put("created_at_ms", manifest.createdAtMs());
        putQuality(root.putObject("quality"), manifest.quality());
        Previous previous = manifest.previous();
        if (previous != null) {
            root.putObject("previous")
                    .put("s3_key", previous.s3Key())
                    .put("sha256", previous.sha256().hex())
                    .put("id_last", previous.idLast());
        }
        root.putObject("collector")
                .put("version", manifest.collector().version())
                .put("java", manifest.collector().java());
        return (root + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void putPayload(ObjectNode node, Payload payload) {
        PartSummary summary = payload.summary();
        node.put("s3_key", payload.s3Key())
                .put("record_count", summary.recordCount())
                .put("bytes_uncompressed", summary.bytesUncompressed())
                .put("bytes_gzip", payload.bytesGzip())
                .put("time_min_ms", summary.timeMinMs())
                .put("time_max_ms", summary.timeMaxMs())
                .put("id_first", summary.idFirst())
                .put("id_last", summary.idLast())
                .put("sha256", payload.sha256().hex());
    }

    private static void putQuality(ObjectNode node, Quality quality) {
        ArrayNode missing = node.putArray("missing_ids");
        quality.missingIds()
                .forEach(range -> missing.addArray().add(range.first()).add(range.last()));
        node.put("missing_count", quality.missingCount())
                .put("duplicates_dropped", quality.duplicatesDropped())
                .put("out_of_order", quality.outOfOrder())
                .put("rejected", quality.rejected())
                .put("rotated_by", quality.rotatedBy().label())
                .put("origin", quality.origin().label());
    }

    /**
     * Reads a manifest of this version.
     *
     * @throws IOException if the bytes are not such a manifest; the message gives the reason
     */
    public static Manifest read(byte[] bytes) throws IOException {
        try {
            JsonNode root = JSON.readTree(bytes);
            String version = root.required("version").asText();
            if (!version.equals(Manifest.VERSION)) {
                throw new IOException("manifest version is " + version + ", this program reads " + Manifest.VERSION);
            }
            JsonNode software = root.required("collector");
            return new Manifest(
                    source(root.required("source")),
                    payload(root.required("payload")),
                    root.required("created_at_ms").asLong(),
                    quality(root.required("quality")),
                    root.has("previous") ? previous(root.get("previous")) : null,
                    new Software(
                            software.required("version").asText(),
                            software.required("java").asText()));
        } catch (JsonProcessingException e) {
            throw new IOException("not a manifest: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException("not a manifest: " + e.getMessage(), e);
        }
    }

    private static Source source(JsonNode node) {
        return new Source(
                node.required("exchange").asText(),
                node.required("stream").asText(),
                new Symbol(node.required("symbol").asText()),
                new InstanceId(node.required("instance_id").asText()));
    }

    private static Payload payload(JsonNode node) {
        PartSummary summary = new PartSummary(
                node.required("record_count").asLong(),
                node.required("bytes_uncompressed").asLong(),
                node.required("time_min_ms").asLong(),
                node.required("time_max_ms").asLong(),
                node.required("id_first").asLong(),
                node.required("id_last").asLong());
        return new Payload(
                node.required("s3_key").asText(),
                summary,
                node.required("bytes_gzip").asLong(),
                new Sha256(node.required("sha256").asText()));
    }

    private static Quality quality(JsonNode node) {
        List<IdRange> missing = new ArrayList<>();
        for (JsonNode range : node.required("missing_ids")) {
            missing.add(
                    new IdRange(range.required(0).asLong(), range.required(1).asLong()));
        }
        return new Quality(
                missing,
                node.required("duplicates_dropped").asLong(),
                node.required("out_of_order").asLong(),
                node.required("rejected").asLong(),
                labelled(RotatedBy.values(), RotatedBy::label, node, "rotated_by"),
                labelled(Origin.values(), Origin::label, node, "origin"));
    }

    private static Previous previous(JsonNode node) {
        return new Previous(
                node.required("s3_key").asText(),
                new Sha256(node.required("sha256").asText()),
                node.required("id_last").asLong());
    }

    private static <T> T labelled(T[] values, Function<T, String> label, JsonNode node, String member) {
        String wanted = node.required(member).asText();
        return Stream.of(values)
                .filter(value -> label.apply(value).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(member + " is unknown"));
    }
}
