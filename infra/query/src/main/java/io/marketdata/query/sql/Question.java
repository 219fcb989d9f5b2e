package io.marketdata.query.sql;

import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A statement of the user, run on a locked DuckDB, and its result in a format. */
public final class Question {

    private final DuckDb duck;
    private final WorkDirectory work;
    private final String sql;

    public Question(DuckDb duck, WorkDirectory work, String sql) {
        this.duck = duck;
        this.work = work;
        this.sql = sql.strip().replaceAll("[;\\s]+$", "");
    }

    /**
     * Runs it.
     *
     * @param file that appears complete or not at all; null: {@code out}
     * @param out for the result
     * @throws SQLException if DuckDB refuses the statement; the message is its own
     */
    public void answer(Format format, @Nullable Path file, OutputStream out) throws SQLException, IOException {
        Path result = work.run().resolve("result." + format.name().toLowerCase(Locale.ROOT));
        if (format != Format.TABLE) {
            duck.run("COPY (\n" + sql + "\n) TO " + DuckDb.text(result.toString()) + " (" + options(format) + ")");
        } else if (file == null) {
            table(out);
        } else {
            try (OutputStream stream = Files.newOutputStream(result)) {
                table(stream);
            }
        }
        if (file != null) {
            WorkDirectory.publish(result, file);
        } else if (format != Format.TABLE) {
            Files.copy(result, out);
            out.flush();
        }
    }

    private static String options(Format format) {
        return switch (format) {
            case CSV -> "FORMAT csv, HEADER";
            case JSON -> "FORMAT json";
            case PARQUET -> "FORMAT parquet, COMPRESSION zstd";
            case TABLE -> throw new IllegalArgumentException("not a format of COPY");
        };
    }

    private void table(OutputStream out) throws SQLException {
        PrintWriter writer = new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        try (Statement statement = duck.connection().createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    new TableText(writer).print(rows);
                }
            }
        }
        writer.flush();
    }
}
