package io.marketdata.query.spark;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.audit.Part;
import io.marketdata.query.compact.Disagreement;
import io.marketdata.query.compact.HourAccess;
import io.marketdata.query.compact.HourSource;
import io.marketdata.query.compact.HourSource.LeftOut;
import io.marketdata.query.spark.HourWork.Used;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Writes the commit object of an hour, with the members that {@code compact} writes. Only the tool is another one. */
final class CommitObject {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode root = JSON.createObjectNode().put("version", "1");
    private final HourWork hour;
    private final HourSource source;

    /**
     * @param version of this job
     * @param spark the version of Spark
     */
    CommitObject(HourWork hour, List<Disagreement> disagreements, String version, String spark) {
        this.hour = hour;
        this.source = hour.source();
        root.put("symbol", source.symbol().value())
                .put("hour", Instant.ofEpochMilli(source.hourMs()).toString());
        root.putObject("source")
                .put("sha256", HourAccess.digest(source))
                .put("parts", hour.used().size())
                .put("lines", hour.lines())
                .put(
                        "bytes_gzip",
                        hour.used().stream()
                                .mapToLong(used -> used.part().bytes())
                                .sum())
                .put("id_before", source.idBefore())
                .put("id_after", source.idAfter());
        root.putObject("tool").put("version", version).put("spark", spark);
        ArrayNode leftOut = root.putArray("left_out");
        source.leftOut().forEach(each -> put(leftOut, each));
        hour.leftOut().forEach(each -> put(leftOut, each));
        ArrayNode disputes = root.putArray("disagreements");
        disagreements.forEach(each -> put(disputes, each));
        root.put("folder", hour.folder());
        ArrayNode parts = root.putArray("parts");
        hour.used().forEach(used -> put(parts, used));
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

    private void put(ArrayNode array, Used used) {
        Part part = used.part();
        ObjectNode node = array.addObject()
                .put("name", part.key().substring(hour.folder().length()))
                .put("record_count", used.lines())
                .put("bytes_gzip", part.bytes());
        var summary = part.summary();
        if (summary != null) {
            node.put("time_min_ms", summary.timeMinMs())
                    .put("time_max_ms", summary.timeMaxMs())
                    .put("id_first", summary.idFirst())
                    .put("id_last", summary.idLast());
        }
        node.put("sha256", part.sha256() == null ? null : part.sha256().hex());
    }

    /** Adds what was written, and returns the object. */
    byte[] with(Written trades, Written bars) {
        ArrayNode gaps = root.putArray("gaps");
        List<Long> ids = trades.gaps();
        long missing = 0;
        for (int i = 0; i < ids.size(); i += 2) {
            gaps.addArray().add(ids.get(i)).add(ids.get(i + 1));
            missing += ids.get(i + 1) - ids.get(i) + 1;
        }
        root.put("missing_count", missing);
        ObjectNode node = root.putObject("trades")
                .put("rows", trades.rows())
                .put("id_first", trades.idFirst())
                .put("id_last", trades.idLast());
        file(node, hour.tradesKey(), trades);
        node = root.putObject("bars").put("rows", bars.rows());
        file(node, hour.barsKey(), bars);
        return (root + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static void file(ObjectNode node, String key, Written written) {
        node.put("s3_key", key).put("bytes", written.bytes()).put("sha256", written.sha256());
    }
}
