package io.marketdata.query.spark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.process.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs both engines on a bucket, and reads what they have written. */
record Compacted(int code, List<String> lines) {

    static final Path QUERY_JAR = Path.of(System.getProperty("query.jar"));

    /** This job in this process; sessions are shared. */
    static Compacted bySpark(Path bucket, String... options) throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("--bucket", "file:" + bucket));
        arguments.addAll(List.of(options));
        PrintStream lines = new PrintStream(out, true, StandardCharsets.UTF_8);
        ExitCode code = CompactJob.run(lines, System.err, arguments.toArray(String[]::new));
        return new Compacted(code.code(), sorted(out.toString(StandardCharsets.UTF_8)));
    }

    /** The packaged program in a process of its own. */
    static Compacted byDuckDb(Path bucket, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                QUERY_JAR.toString(),
                "compact",
                "--bucket=file:" + bucket,
                "--work=" + Path.of("target", "duckdb-work").toAbsolutePath()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Compacted(process.waitFor(), sorted(out));
    }

    private static List<String> sorted(String out) {
        return out.lines().sorted().toList();
    }

    /** Keys below {@code compact/} that end in this way. */
    static List<String> keys(Path bucket, String end) throws IOException {
        try (Stream<Path> files = Files.walk(bucket.resolve("compact"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> bucket.relativize(file).toString())
                    .filter(key -> key.endsWith(end))
                    .sorted()
                    .toList();
        }
    }

    /** A commit object without what differs between two engines: the tool, and the bytes of the files. */
    static JsonNode commit(Path bucket, String key) throws IOException {
        ObjectNode commit = (ObjectNode) new ObjectMapper().readTree(Files.readAllBytes(bucket.resolve(key)));
        commit.remove("tool");
        for (String table : List.of("trades", "bars")) {
            ((ObjectNode) commit.get(table)).remove(List.of("bytes", "sha256"));
        }
        return commit;
    }

    /** Rows of a query to DuckDB, each as one text. */
    static List<String> rows(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("SET TimeZone='UTC'");
            try (ResultSet result = statement.executeQuery(sql)) {
                while (result.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                        row.add(result.getString(i));
                    }
                    rows.add(String.join("|", row));
                }
            }
        }
        return rows;
    }
}
