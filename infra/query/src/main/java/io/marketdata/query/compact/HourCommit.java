package io.marketdata.query.compact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.audit.Part;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.query.compact.HourSource.LeftOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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

    /**
     * The program that makes the files.
     *
     * @param engine DuckDB or Spark
     */
    public record Tool(String version, String engine, String engineVersion) {
        @Override
        public String toString() {
            return "market-data-query " + version + ", " + engine + " " + engineVersion;
        }
    }

    /**
     * A part whose lines the tables hold.
     *
     * @param lines that it holds
     */
    public record UsedPart(Part part, long lines) {}

    /**
     * What the tables hold.
     *
     * @param idFirst null without trades
     * @param gaps missing ids between the trade before the hour and its last one
     */
    public record Rows(
            long trades,
            long bars,
            @Nullable Long idFirst,
            @Nullable Long idLast,
            List<IdRange> gaps) {

        public Rows {
            gaps = List.copyOf(gaps);
        }
    }

    /**
     * Begins a commit object; the tables are still to be described.
     *
     * @param leftOut besides those that the source leaves out
     */
    public static HourCommit of(
            HourSource source,
            List<UsedPart> used,
            List<LeftOut> leftOut,
            List<Disagreement> disagreements,
            Tool tool) {
        ObjectNode root = JSON.createObjectNode().put("version", "1");
        root.put("symbol", source.symbol().value())
                .put("hour", Instant.ofEpochMilli(source.hourMs()).toString());
        root.putObject("source")
                .put("sha256", source.digest().hex())
                .put("parts", used.size())
                .put("lines", used.stream().mapToLong(UsedPart::lines).sum())
                .put(
                        "bytes_gzip",
                        used.stream().mapToLong(each -> each.part().bytes()).sum())
                .put("id_before", source.idBefore())
                .put("id_after", source.idAfter());
        root.putObject("tool")
                .put("version", tool.version())
                .put(tool.engine().toLowerCase(Locale.ROOT), tool.engineVersion());
        ArrayNode without = root.putArray("left_out");
        source.leftOut().forEach(each -> put(without, each));
        leftOut.forEach(each -> put(without, each));
        ArrayNode disputes = root.putArray("disagreements");
        disagreements.forEach(each -> put(disputes, each));
        String folder = KeyLayout.hour(source.symbol(), source.hourMs());
        root.put("folder", folder);
        ArrayNode parts = root.putArray("parts");
        used.forEach(each -> put(parts, folder, each));
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

    private static void put(ArrayNode array, String folder, UsedPart used) {
        Part part = used.part();
        ObjectNode node = array.addObject()
                .put("name", part.key().substring(folder.length()))
                .put("record_count", used.lines())
                .put("bytes_gzip", part.bytes());
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
    public void describe(Rows rows) {
        ArrayNode array = root.putArray("gaps");
        rows.gaps().forEach(gap -> array.addArray().add(gap.first()).add(gap.last()));
        root.put("missing_count", rows.gaps().stream().mapToLong(IdRange::count).sum());
        root.putObject("trades")
                .put("rows", rows.trades())
                .put("id_first", rows.idFirst())
                .put("id_last", rows.idLast());
        root.putObject("bars").put("rows", rows.bars());
    }

    /**
     * Adds a file.
     *
     * @param table trades or bars
     * @param sha256 in hexadecimal
     */
    public void describe(String table, String key, long bytes, String sha256) {
        ((ObjectNode) root.get(table)).put("s3_key", key).put("bytes", bytes).put("sha256", sha256);
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

    public byte[] bytes() {
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
