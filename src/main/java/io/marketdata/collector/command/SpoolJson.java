package io.marketdata.collector.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFile.Kind;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolListing;
import io.marketdata.collector.spool.SpoolListing.Totals;
import io.marketdata.collector.upload.SpoolCheck;
import java.nio.file.Path;
import java.util.Locale;

/** The JSON documents of {@code spool ls} and {@code spool check}; docs/COMMANDS.md is their reference. */
final class SpoolJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private SpoolJson() {}

    static String of(Path localDir, SpoolListing listing) {
        ObjectNode document = JSON.createObjectNode().put("directory", localDir.toString());
        document.put("parts", listing.totals().stream().mapToLong(Totals::parts).sum());
        document.put("bytes", listing.totals().stream().mapToLong(Totals::bytes).sum());
        ArrayNode folders = document.putArray("folders");
        listing.totals().forEach(totals -> put(totals, folders.addObject()));
        ArrayNode files = document.putArray("files");
        for (SpoolListing.Row row : listing.rows()) {
            put(row.folder(), row.file(), files.addObject())
                    .put("bytes", row.file().bytes());
        }
        return document.put("files_left_out", listing.listed() - listing.rows().size())
                .toString();
    }

    private static void put(Totals totals, ObjectNode node) {
        put(totals.folder(), node).put("parts", totals.parts()).put("bytes", totals.bytes());
        for (Kind kind : new Kind[] {Kind.OPEN, Kind.SEALED, Kind.PACKED, Kind.QUARANTINED, Kind.UNKNOWN}) {
            node.put(kind.name().toLowerCase(Locale.ROOT), totals.files(kind));
        }
        if (totals.parts() > 0) {
            node.put("oldest_ms", totals.oldestMs());
        }
        totals.holder().ifPresent(process -> node.put("process", process));
    }

    private static ObjectNode put(SpoolFolder folder, ObjectNode node) {
        return node.put("symbol", folder.symbol().value()).put("run", folder.run());
    }

    private static ObjectNode put(SpoolFolder folder, SpoolFile file, ObjectNode node) {
        return put(folder, node)
                .put("name", file.name())
                .put("state", file.kind().name().toLowerCase(Locale.ROOT))
                .put("since_ms", file.sinceMs());
    }

    /** @param findings of {@link #add} */
    static String of(Path localDir, SpoolCheck check, ArrayNode findings) {
        ObjectNode document = JSON.createObjectNode().put("directory", localDir.toString());
        document.put("files", check.files()).put("trades", check.trades());
        document.put("damaged", check.damaged()).put("notes", check.notes());
        return document.set("findings", findings).toString();
    }

    static ArrayNode findings() {
        return JSON.createArrayNode();
    }

    static void add(SpoolCheck.Finding finding, ArrayNode findings) {
        put(finding.folder(), finding.file(), findings.addObject())
                .put("damage", finding.isDamage())
                .put("what", finding.what())
                .put("next", finding.next());
    }
}
