package io.marketdata.collector.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What should be fetched again, as a report of {@code verify} says: the trades that are missing, and those of damaged
 * objects.
 *
 * @param period where they belong
 * @param ids may be none
 * @param damaged keys of parts and manifests that do not count as holding any
 */
public record Repair(Symbol symbol, Period period, IdRanges ids, Set<String> damaged) {

    public Repair {
        damaged = Set.copyOf(damaged);
    }

    private static final long MAX_BYTES = 256L << 20;

    /**
     * Reads a report that {@code verify --json} wrote.
     *
     * @return one for each symbol and period
     * @throws IOException if the file cannot be read or is not such a report; the message gives the reason
     */
    public static List<Repair> read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it has more than " + MAX_BYTES + " bytes");
        }
        try {
            JsonNode document = new ObjectMapper().readTree(Files.readAllBytes(file));
            String version = document.required("version").asText();
            if (!version.equals(ReportJson.VERSION)) {
                throw new IOException("its version is " + version + ", this program reads " + ReportJson.VERSION);
            }
            List<Repair> repairs = new ArrayList<>();
            for (JsonNode period : document.required("periods")) {
                repairs.add(repair(period));
            }
            return repairs;
        } catch (JsonProcessingException e) {
            throw new IOException("it is not JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException("it is not a report of verify --json: " + e.getMessage(), e);
        }
    }

    private static Repair repair(JsonNode node) {
        List<IdRange> ids = new ArrayList<>();
        for (JsonNode gap : node.required("gaps")) {
            ids.add(new IdRange(id(gap.required("id_first")), id(gap.required("id_last"))));
        }
        Set<String> damaged = new HashSet<>();
        for (JsonNode problem : node.required("problems")) {
            damaged.add(problem.required("key").asText());
            for (JsonNode range : problem.required("ids")) {
                ids.add(new IdRange(id(range.required(0)), id(range.required(1))));
            }
        }
        return new Repair(
                new Symbol(node.required("symbol").asText()),
                new Period(
                        node.required("from_ms").asLong(),
                        node.required("to_ms").asLong()),
                IdRanges.of(ids),
                damaged);
    }

    private static long id(JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.asLong() == Long.MAX_VALUE) {
            throw new IllegalArgumentException("not a trade id: " + node);
        }
        return node.asLong();
    }
}
