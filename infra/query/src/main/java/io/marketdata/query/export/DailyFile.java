package io.marketdata.query.export;

import io.marketdata.collector.model.Symbol;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The trades of a day as the exchange publishes them: {@code BTCUSDT-trades-2026-11-20.csv} without a heading, columns
 * {@code id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch}; or the CSV in a zip file with a {@code .CHECKSUM} beside it;
 * or the same columns as Parquet. {@code quoteQty} is price times quantity, truncated to 8 decimals. Times are in ms, and
 * from 2025 on in µs (github.com/binance/binance-public-data, README, read 2026-11).
 */
public record DailyFile(Path directory, Symbol symbol, LocalDate day, Kind kind) {

    private static final LocalDate FIRST_DAY_IN_MICROS = LocalDate.of(2025, 1, 1);

    /** Whole numbers, because casts of decimals round. */
    private static final String ROWS = """
            SELECT trade_id AS id, price, quantity AS qty,
                   ((quote // 100000000)::VARCHAR || '.' || lpad((quote %% 100000000)::VARCHAR, 8, '0')) AS "quoteQty",
                   %s(trade_time) AS time, buyer_is_maker, true AS is_best_match
            FROM (SELECT *, (price::DECIMAL(38,8) * 100000000)::HUGEINT * (quantity * 100000000)::HUGEINT // 100000000 AS quote
                  FROM trades)
            """;

    private static final String CSV = """
            COPY (SELECT id, price, qty, "quoteQty", time, CASE WHEN buyer_is_maker THEN 'True' ELSE 'False' END, 'True'
                  FROM (%s) ORDER BY id) TO %s (FORMAT csv, HEADER false)
            """;

    private static final String PARQUET = """
            COPY (SELECT id, price, qty, "quoteQty"::DECIMAL(38,8) AS "quoteQty", time, buyer_is_maker AS "isBuyerMaker",
                         is_best_match AS "isBestMatch"
                  FROM (%s) ORDER BY id) TO %s (FORMAT parquet, COMPRESSION zstd)
            """;

    /** The forms of the file. */
    public enum Kind {
        CSV,
        ZIP,
        PARQUET
    }

    private String name(String extension) {
        return symbol + "-trades-" + day + "." + extension;
    }

    /** The file. */
    public Path path() {
        return directory.resolve(name(kind.name().toLowerCase(Locale.ROOT)));
    }

    private Path checksum() {
        return path().resolveSibling(path().getFileName() + ".CHECKSUM");
    }

    /** What it writes. */
    public List<Path> files() {
        return kind == Kind.ZIP ? List.of(path(), checksum()) : List.of(path());
    }

    /**
     * Writes the trades of the view, which are those of the day. Each file appears complete or not at all.
     *
     * @param work for files on the way
     */
    public void write(DuckDb duck, Path work) throws SQLException, IOException {
        String rows = DuckDb.sql(ROWS, day.isBefore(FIRST_DAY_IN_MICROS) ? "epoch_ms" : "epoch_us");
        Path made = work.resolve("export");
        duck.run(DuckDb.sql(kind == Kind.PARQUET ? PARQUET : CSV, rows, DuckDb.text(made.toString())));
        if (kind == Kind.ZIP) {
            Path zip = work.resolve("export.zip");
            String digest = zip(made, zip);
            WorkDirectory.publish(zip, path());
            Path text = Files.writeString(work.resolve("export.CHECKSUM"), digest + "  " + name("zip") + "\n");
            WorkDirectory.publish(text, checksum());
        } else {
            WorkDirectory.publish(made, path());
        }
    }

    /** The same bytes for the same trades: the entry has the time at which the day begins. Returns their SHA-256. */
    private String zip(Path csv, Path zip) throws IOException {
        MessageDigest sha256 = sha256();
        try (OutputStream file = new DigestOutputStream(Files.newOutputStream(zip), sha256);
                ZipOutputStream out = new ZipOutputStream(file)) {
            ZipEntry entry = new ZipEntry(name("csv"));
            entry.setTimeLocal(day.atTime(LocalTime.MIDNIGHT));
            out.putNextEntry(entry);
            Files.copy(csv, out);
            out.closeEntry();
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
