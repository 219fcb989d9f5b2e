package io.marketdata.query.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBDriver;

/** DuckDB as a user would start it, with its own defaults. Arguments: a bucket, then files of SQL and statements. */
final class DuckQuery {

    private DuckQuery() {}

    /** Runs each, and prints the rows of the last one. */
    public static void main(String[] arguments) throws Exception {
        try (Connection duck = new DuckDBDriver().connect("jdbc:duckdb:", new Properties());
                Statement statement = duck.createStatement()) {
            statement.execute("SET VARIABLE bucket='" + arguments[0].replace("'", "''") + "'");
            boolean hasRows = false;
            for (int i = 1; i < arguments.length; i++) {
                for (String sql : statements(arguments[i])) {
                    hasRows = statement.execute(sql);
                }
            }
            if (hasRows) {
                print(statement.getResultSet());
            }
        }
    }

    private static List<String> statements(String argument) throws Exception {
        if (!argument.endsWith(".sql")) {
            return List.of(argument);
        }
        List<String> statements = new ArrayList<>();
        for (String sql :
                Files.readString(Path.of(argument)).replaceAll("(?m)--.*$", "").split(";\\s*\\n", -1)) {
            if (!sql.isBlank()) {
                statements.add(sql);
            }
        }
        return statements;
    }

    private static void print(ResultSet rows) throws Exception {
        while (rows.next()) {
            List<String> row = new ArrayList<>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                row.add(rows.getString(i));
            }
            System.out.println(String.join(",", row));
        }
    }
}
