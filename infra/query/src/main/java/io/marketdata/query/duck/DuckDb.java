package io.marketdata.query.duck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A DuckDB of its own in memory. It reads and writes files, and never the network. One thread. */
public final class DuckDb implements AutoCloseable {

    private final Connection connection;

    private DuckDb(Connection connection) {
        this.connection = connection;
    }

    /** What a row of a result is read into. */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /**
     * Opens one.
     *
     * @param memory the most that its buffers take, for example {@code 256MB}; what does not fit is spilled to disk
     */
    public static DuckDb open(WorkDirectory work, String memory) throws IOException, SQLException {
        Driver driver = NativeDriver.load(work.libraries(), work.run());
        Path spill = Files.createDirectories(work.run().resolve("spill"));
        DuckDb duck = new DuckDb(driver.connect("jdbc:duckdb:", new Properties()));
        duck.run("SET autoinstall_known_extensions=false");
        duck.run("SET autoload_known_extensions=false");
        duck.run("SET allow_community_extensions=false");
        duck.run("SET threads=2");
        duck.run("SET memory_limit=" + text(memory));
        duck.run("SET temp_directory=" + text(spill.toString()));
        duck.run("SET preserve_insertion_order=false");
        duck.run("SET TimeZone='UTC'");
        return duck;
    }

    /** From now on only files below these directories can be read or written, and no setting can be changed. */
    public void lock(List<Path> directories) throws SQLException {
        run("SET allowed_directories=" + list(directories));
        run("SET enable_external_access=false");
        run("SET lock_configuration=true");
    }

    /** Runs a statement that gives nothing back. A new one each time: an error closes the JDBC statement. */
    public void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Runs a query and reads its rows. */
    public <T> List<T> rows(String sql, RowReader<T> reader) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<T> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(reader.read(result));
            }
            return rows;
        }
    }

    /** The connection itself, for statements of the user. */
    public Connection connection() {
        return connection;
    }

    public String version() throws SQLException {
        return rows("SELECT version()", row -> row.getString(1)).get(0);
    }

    /** A statement from a template, as {@link String#format} fills it. */
    public static String sql(String template, @Nullable Object... values) {
        return String.format(Locale.ROOT, template, values);
    }

    /** A text as SQL writes it. */
    public static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    /** A list of file names as SQL writes it. */
    public static String list(List<Path> files) {
        return files.stream().map(file -> text(file.toString())).collect(Collectors.joining(", ", "[", "]"));
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
