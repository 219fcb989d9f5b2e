package io.marketdata.query.compact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.audit.Part;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.query.compact.HourSource.LeftOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The commit object of an hour: one line of JSON, written last. It says from which parts the files were made and which
 * digests they have, so that a reader knows whether they belong together. The same bytes for the same hour, parts and
 * version.
 */
public final class HourCommit {

    /** The largest that is read: an hour of 36,000 parts. */
    static final int MAX_BYTES = 16 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode root;

    private HourCommit(ObjectNode root) {
        this.root = root;
    }

    /** The program that makes the files. */
    record Tool(String version, String duckDb) {
        @Override
        public String toString() {
            return "market-data-query " + version + ", DuckDB " + duckDb;
        }
    }

    static HourCommit of(HourSource source, JoinedParts joined, List<Disagreement> disagreements, Tool tool) {
        ObjectNode root = JSON.createObjectNode().put("version", "1");
        root.put("symbol", source.symbol().value())
                .put("hour", Instant.ofEpochMilli(source.hourMs()).toString());
        List<JoinedParts.Segment> segments = joined.segments();
        root.putObject("source")
                .put("sha256", source.digest().hex())
                .put("parts", segments.size())
                .put("lines", joined.lines())
                .put(
                        "bytes_gzip",
                        segments.stream().mapToLong(JoinedParts.Segment::length).sum())
                .put("id_before", source.idBefore())
                .put("id_after", source.idAfter());
        root.putObject("tool").put("version", tool.version()).put("duckdb", tool.duckDb());
        ArrayNode leftOut = root.putArray("left_out");
        source.leftOut().forEach(each -> put(leftOut, each));
        joined.leftOut().forEach(each -> put(leftOut, each));
        ArrayNode disputes = root.putArray("disagreements");
        disagreements.forEach(each -> put(disputes, each));
        String folder = KeyLayout.hour(source.symbol(), source.hourMs());
        root.put("folder", folder);
        ArrayNode parts = root.putArray("parts");
        segments.forEach(segment -> put(parts, folder, segment));
        return new HourCommit(root);
    }

    private static void put(ArrayNode array, LeftOut leftOut) {
        array.addObject().put("s3_key", leftOut.key()).put("reason", leftOut.reason());
    }

    private static void put(ArrayNode array, Disagreement dispute) {
        ArrayNode versions = array.addObject().put("id", dispute.id()).putArray("versions");
        for (Disagreement.Version version : dispute.versions()) {
            ObjectNode node = versions.addObject()
                    .put("price", version.price())
                    .put("quantity", version.quantity())
                    .put("time_ms", version.timeMs())
                    .put("buyer_is_maker", version.buyerIsMaker())
                    .put("copies", version.copies());
            version.parts().forEach(node.putArray("parts")::add);
        }
    }

    private static void put(ArrayNode array, String folder, JoinedParts.Segment segment) {
        Part part = segment.part();
        ObjectNode node = array.addObject()
                .put("name", part.key().substring(folder.length()))
                .put("record_count", segment.lines())
                .put("bytes_gzip", segment.length());
        PartSummary summary = part.summary();
        if (summary != null) {
            node.put("time_min_ms", summary.timeMinMs())
                    .put("time_max_ms", summary.timeMaxMs())
                    .put("id_first", summary.idFirst())
                    .put("id_last", summary.idLast());
        }
        node.put("sha256", part.sha256() == null ? null : part.sha256().hex());
    }

    /** Adds what the tables hold. */
    void describe(HourTables.Facts facts, List<IdRange> gaps) {
        ArrayNode array = root.putArray("gaps");
        gaps.forEach(gap -> array.addArray().add(gap.first()).add(gap.last()));
        root.put("missing_count", gaps.stream().mapToLong(IdRange::count).sum());
        root.putObject("trades")
                .put("rows", facts.trades())
                .put("id_first", facts.idFirst())
                .put("id_last", facts.idLast());
        root.putObject("bars").put("rows", facts.bars());
    }

    /** Adds a file. */
    void describe(String table, String key, Path file) throws IOException {
        ((ObjectNode) root.get(table))
                .put("s3_key", key)
                .put("bytes", Files.size(file))
                .put("sha256", Sha256.of(Files.readAllBytes(file)).hex());
    }

    /** @throws IOException if it is not a commit object of this version */
    static HourCommit read(byte[] bytes) throws IOException {
        JsonNode root = bytes.length > MAX_BYTES ? null : JSON.readTree(bytes);
        if (root instanceof ObjectNode object
                && object.path("version").asText().equals("1")
                && object.path("source").path("sha256").isTextual()
                && object.path("trades").path("sha256").isTextual()
                && object.path("bars").path("sha256").isTextual()) {
            return new HourCommit(object);
        }
        throw new IOException("not a commit object of version 1");
    }

    byte[] bytes() {
        return (root + "\n").getBytes(StandardCharsets.UTF_8);
    }

    String sourceDigest() {
        return root.path("source").path("sha256").asText();
    }

    /** @param table trades or bars */
    String fileDigest(String table) {
        return root.path(table).path("sha256").asText();
    }

    /** @param table trades or bars */
    long fileBytes(String table) {
        return root.path(table).path("bytes").asLong();
    }

    public long trades() {
        return root.path("trades").path("rows").asLong();
    }

    public long bars() {
        return root.path("bars").path("rows").asLong();
    }

    public long missing() {
        return root.path("missing_count").asLong();
    }

    public int disagreements() {
        return root.path("disagreements").size();
    }

    /** What a person should know: the parts that are left out, and the trades of which copies differ. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        root.path("left_out")
                .forEach(each -> faults.add(each.path("s3_key").asText() + " is left out: "
                        + each.path("reason").asText()));
        root.path("disagreements").forEach(each -> faults.add(dispute(each)));
        return faults;
    }

    private static String dispute(JsonNode dispute) {
        StringBuilder text = new StringBuilder("trade " + dispute.path("id").asLong() + " has copies that differ");
        String separator = ": ";
        for (JsonNode version : dispute.path("versions")) {
            text.append(separator)
                    .append("price ")
                    .append(version.path("price").asText())
                    .append(", quantity ")
                    .append(version.path("quantity").asText())
                    .append(", time ")
                    .append(version.path("time_ms").asLong())
                    .append(version.path("buyer_is_maker").asBoolean() ? ", buyer is maker" : ", seller is maker");
            version.path("parts").forEach(key -> text.append(", ").append(key.asText()));
            separator = "; ";
        }
        return text.toString();
    }
}
