package io.marketdata.query.compact;

import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import io.marketdata.query.testkit.Cli;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The columns of a Parquet file and those of a published schema, in one notation. */
final class ParquetColumns {

    private static final Pattern FIELD =
            Pattern.compile("  (required|optional) (\\w+)(?:\\((\\d+)\\))? (\\w+)(?: \\((.*)\\))?;");

    private ParquetColumns() {}

    /** As DuckDB finds them in the file itself. */
    static List<String> of(Path file) throws Exception {
        String sql =
                "SELECT lower(repetition_type), lower(type), CASE WHEN type_length IS NULL THEN '' ELSE type_length END,"
                        + " name, CASE WHEN logical_type LIKE 'Decimal%' THEN 'DECIMAL(' || precision || ',' || scale || ')'"
                        + " WHEN logical_type LIKE 'Timestamp%isAdjustedToUTC=1%MICROS=MicroSeconds%' THEN 'TIMESTAMP(MICROS,true)'"
                        + " WHEN converted_type = 'UTF8' THEN 'STRING' WHEN logical_type IS NULL THEN '' ELSE logical_type END"
                        + " FROM parquet_schema(" + DuckDb.text(file.toString()) + ") WHERE num_children IS NULL";
        try (WorkDirectory work = WorkDirectory.open(Cli.work());
                DuckDb duck = DuckDb.open(work, "100MB")) {
            return duck.rows(
                    sql,
                    row -> String.join(
                            " ",
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5)));
        }
    }

    /** Of a file in {@code schemas/}. */
    static List<String> published(String name) throws Exception {
        List<String> columns = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("..", "..", "schemas", name))) {
            Matcher field = FIELD.matcher(line);
            if (field.matches()) {
                columns.add(String.join(
                        " ",
                        field.group(1),
                        field.group(2)
                                .replace("binary", "byte_array")
                                .replace("fixed_len_byte_array", "fixed_len_byte_array"),
                        field.group(3) == null ? "" : field.group(3),
                        field.group(4),
                        field.group(5) == null ? "" : field.group(5)));
            }
        }
        return columns;
    }
}
