package io.marketdata.collector.upload;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
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
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.Spool;
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

    /** The largest manifest that is read. */
    public static final int MAX_BYTES = Spool.MAX_MANIFEST_BYTES;

    /** A gap has 4 tokens; as nodes, so many tokens take some 10 MB of memory. */
    private static final int MAX_TOKENS = 250_000;

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxTokenCount(MAX_TOKENS).build())
            .build());

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
        if (quality.sequenceResetAt() != null) {
            node.put("sequence_reset_at", quality.sequenceResetAt());
        }
    }

    /**
     * Parses an object that should be a manifest of any version. However hostile it is, it takes a bounded part of the
     * memory.
     *
     * @throws IOException if it is not JSON, or larger than any manifest
     */
    static JsonNode parse(byte[] bytes) throws IOException {
        if (bytes.length > MAX_BYTES) {
            throw new IOException("not a manifest: more than " + MAX_BYTES + " bytes");
        }
        return JSON.readTree(bytes);
    }

    /**
     * Reads a manifest of this version. The members {@code quality}, {@code previous} and {@code collector} may be missing,
     * and so may each member of {@code quality}: then no id is missing, every count is 0, the part was rotated by time, its
     * origin is the one in its name, and the program is unknown.
     *
     * @throws IOException if the bytes are not such a manifest, also if a number is written as text or with a fraction; the
     *     message gives the reason
     */
    public static Manifest read(byte[] bytes) throws IOException {
        try {
            JsonNode root = parse(bytes);
            String version = text(root, "version");
            if (!version.equals(Manifest.VERSION)) {
                throw new IOException("manifest version is " + version + ", this program reads " + Manifest.VERSION);
            }
            Payload payload = payload(root.required("payload"));
            return new Manifest(
                    source(root.required("source")),
                    payload,
                    number(root, "created_at_ms"),
                    quality(object(root, "quality"), originInName(payload.s3Key())),
                    root.has("previous") ? previous(root.get("previous")) : null,
                    software(object(root, "collector")));
        } catch (JsonProcessingException e) {
            throw new IOException("not a manifest: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException("not a manifest: " + e.getMessage(), e);
        }
    }

    private static String text(JsonNode node, String member) {
        JsonNode value = node.required(member);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(member + " is not a text");
        }
        return value.textValue();
    }

    private static String text(JsonNode node, String member, String ifMissing) {
        return node.has(member) ? text(node, member) : ifMissing;
    }

    private static long number(JsonNode node, String member) {
        return whole(node.required(member), member);
    }

    private static long number(JsonNode node, String member, long ifMissing) {
        return node.has(member) ? number(node, member) : ifMissing;
    }

    /** @param what names the value in the message */
    private static long whole(JsonNode value, String what) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException(what + " is not a whole number of 64 bits");
        }
        return value.longValue();
    }

    /** An object that may be missing, and then has no members. */
    private static JsonNode object(JsonNode node, String member) {
        JsonNode value = node.path(member);
        if (!value.isMissingNode() && !value.isObject()) {
            throw new IllegalArgumentException(member + " is not an object");
        }
        return value;
    }

    private static Origin originInName(String key) {
        return PartState.PACKED
                .part(key.substring(key.lastIndexOf('/') + 1))
                .map(PartName::origin)
                .orElse(Origin.STREAM);
    }

    private static Software software(JsonNode node) {
        return new Software(text(node, "version", "unknown"), text(node, "java", "unknown"));
    }

    private static Source source(JsonNode node) {
        return new Source(
                text(node, "exchange"),
                text(node, "stream"),
                new Symbol(text(node, "symbol")),
                new InstanceId(text(node, "instance_id")));
    }

    private static Payload payload(JsonNode node) {
        PartSummary summary = new PartSummary(
                number(node, "record_count"),
                number(node, "bytes_uncompressed"),
                number(node, "time_min_ms"),
                number(node, "time_max_ms"),
                number(node, "id_first"),
                number(node, "id_last"));
        Sha256 sha256 = new Sha256(text(node, "sha256"));
        return new Payload(text(node, "s3_key"), summary, number(node, "bytes_gzip"), sha256);
    }

    private static Quality quality(JsonNode node, Origin origin) {
        number(node, "missing_count", 0); // follows from the ids
        return new Quality(
                missingIds(node.path("missing_ids")),
                number(node, "duplicates_dropped", 0),
                number(node, "out_of_order", 0),
                number(node, "rejected", 0),
                labelled(RotatedBy.values(), RotatedBy::label, node, "rotated_by", RotatedBy.TIME),
                labelled(Origin.values(), Origin::label, node, "origin", origin),
                node.has("sequence_reset_at") ? number(node, "sequence_reset_at") : null);
    }

    private static List<IdRange> missingIds(JsonNode ranges) {
        if (!ranges.isMissingNode() && !ranges.isArray()) {
            throw new IllegalArgumentException("missing_ids is not an array");
        }
        List<IdRange> missing = new ArrayList<>();
        for (JsonNode range : ranges) {
            if (range.size() != 2) {
                throw new IllegalArgumentException("missing_ids has something else than pairs of ids");
            }
            long first = whole(range.required(0), "an id of missing_ids");
            missing.add(new IdRange(first, whole(range.required(1), "an id of missing_ids")));
        }
        return missing;
    }

    private static Previous previous(JsonNode node) {
        return new Previous(text(node, "s3_key"), new Sha256(text(node, "sha256")), number(node, "id_last"));
    }

    private static <T> T labelled(T[] values, Function<T, String> label, JsonNode node, String member, T ifMissing) {
        String wanted = text(node, member, label.apply(ifMissing));
        return Stream.of(values)
                .filter(value -> label.apply(value).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(member + " is unknown"));
    }
}
