package io.marketdata.query.compact;

import io.marketdata.query.compact.Disagreement.Version;
import io.marketdata.query.compact.JoinedParts.Segment;
import io.marketdata.query.duck.DuckDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Finds what the copies of disputed trades say, and which parts hold them. Spelling alone is no difference. */
final class DisputedTrades {

    /** Of so many trades the parts are looked for; a hundred are enough to find the cause. */
    private static final int WITH_PARTS = 100;

    private final DuckDb duck;
    private final JoinedParts joined;

    private record Row(long id, Version version) {}

    DisputedTrades(DuckDb duck, JoinedParts joined) {
        this.duck = duck;
        this.joined = joined;
    }

    /** By ascending id; each with the version that most copies have first, then the lowest price, quantity and time. */
    List<Disagreement> find() throws SQLException, IOException {
        Map<Long, List<Version>> versions = versions(HourTables.lines(joined.files()), Map.of());
        versions.values().removeIf(each -> each.size() == 1);
        Map<Path, String> parts = parts(versions.keySet());
        if (!parts.isEmpty()) {
            // Only if the parts that were looked at hold every version.
            versions(HourTables.lines(List.copyOf(parts.keySet())), parts)
                    .forEach((id, named) ->
                            versions.computeIfPresent(id, (same, all) -> named.size() == all.size() ? named : all));
        }
        List<Disagreement> found = new ArrayList<>();
        versions.forEach((id, each) -> found.add(new Disagreement(id, each)));
        return found;
    }

    /** The parts that may hold the first of these trades, each as a file of its own. */
    private Map<Path, String> parts(Set<Long> ids) throws IOException {
        Map<Path, String> files = new TreeMap<>();
        List<Long> first = ids.stream().limit(WITH_PARTS).toList();
        for (Segment segment : joined.segments()) {
            if (first.stream().anyMatch(segment.part().ids()::contains)) {
                Path file = joined.alone(files.size());
                Files.write(file, joined.bytes(segment));
                files.put(file, segment.part().key());
            }
        }
        return files;
    }

    private Map<Long, List<Version>> versions(String lines, Map<Path, String> parts) throws SQLException {
        String sql = DuckDb.sql("""
                SELECT id, p::VARCHAR, q::VARCHAR, ms, maker, count(*)::INTEGER AS copies,
                       string_agg(DISTINCT filename, chr(10))
                FROM (SELECT id, price::DECIMAL(18,8) AS p, quantity::DECIMAL(38,8) AS q, (%s) // 1000 AS ms, maker, filename
                      FROM (%s) WHERE id IN (%s))
                GROUP BY id, p, q, ms, maker ORDER BY id, copies DESC, p, q, ms, maker
                """, HourTables.micros("ticks"), lines, HourTables.disputedIds());
        Map<Long, List<Version>> versions = new TreeMap<>();
        for (Row row : duck.rows(
                sql,
                row -> new Row(
                        row.getLong(1),
                        new Version(
                                row.getString(2),
                                row.getString(3),
                                row.getLong(4),
                                row.getBoolean(5),
                                row.getInt(6),
                                keys(row.getString(7), parts))))) {
            versions.computeIfAbsent(row.id(), id -> new ArrayList<>()).add(row.version());
        }
        return versions;
    }

    private static List<String> keys(String files, Map<Path, String> parts) {
        return files.lines()
                .map(Path::of)
                .filter(parts::containsKey)
                .map(parts::get)
                .sorted()
                .toList();
    }
}
