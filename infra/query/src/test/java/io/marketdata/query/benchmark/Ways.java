package io.marketdata.query.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Command lines of this program and of what is measured beside it.
 *
 * @param root the source
 * @param bucket its parts
 * @param work the work directory of this program
 */
record Ways(Path root, Path bucket, Path work) {

    private static final String PARTS = "/raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=*/*/*/part-*.jsonl.gz";
    private static final String QUESTION = "SELECT count(*), sum(quantity) FROM trades";

    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private List<String> query(String... arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-Xmx128m", "-XX:+UseSerialGC", "-jar"));
        command.add(System.getProperty(
                "query.jar",
                root.resolve("infra/query/target/market-data-query.jar").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--symbol=BTCUSDT", "--bucket=file:" + bucket, "--work=" + work));
        return command;
    }

    /** {@code compact} of one day after the other, each in a process of its own. */
    List<String> compact(LocalDate from, LocalDate to) {
        String days =
                String.join(" ", from.datesUntil(to).map(LocalDate::toString).toList());
        List<String> each = query("compact", "--day=$day");
        String words = String.join(" ", each.stream().map(Ways::quoted).toList());
        return bash("for day in " + days + "; do " + words + " || exit; done");
    }

    private static String quoted(String word) {
        return '"' + word + '"';
    }

    List<String> sql(String... options) {
        List<String> command = query("sql", "--format=csv", QUESTION);
        command.addAll(List.of(options));
        return command;
    }

    /** Ids and quantities in units of the eighth decimal, so that nothing is rounded. */
    List<String> jq() {
        return bash("find '" + bucket + "/raw' -name 'part-*.jsonl.gz' -print0 | xargs -0 gunzip -c"
                + " | jq -r '\"\\(.t) \\(.q | sub(\"[.]\"; \"\"))\"' | LC_ALL=C sort -n -u -k1,1"
                + " | awk '{sum += $2} END {printf \"%d,%.8f\\n\", NR, sum / 100000000}'");
    }

    /** What is shortest to write. */
    List<String> duckDbAlone() {
        return duckDb("SELECT count(*), sum(q) FROM (SELECT DISTINCT t, q::DECIMAL(38,8) AS q FROM read_json_auto('"
                + bucket + PARTS + "'))");
    }

    List<String> duckDbViews() {
        return duckDb(root.resolve("infra/sql/duckdb.sql").toString(), QUESTION);
    }

    /** The trades of the bucket in one file. */
    List<String> duckDbCopy(Path file) {
        return duckDb(
                root.resolve("infra/sql/duckdb.sql").toString(),
                "COPY (FROM trades ORDER BY trade_id) TO '" + file + "' (FORMAT parquet, COMPRESSION zstd)");
    }

    List<String> duckDbCopied(Path file) {
        return duckDb("SELECT count(*), sum(quantity) FROM '" + file + "'");
    }

    static List<String> duckDbVersion() {
        return new Ways(Path.of(""), Path.of(""), Path.of("")).duckDb("SELECT version()");
    }

    private List<String> duckDb(String... arguments) {
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(DuckQuery.class.getName(), bucket.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    Optional<List<String>> sparkQuery() throws IOException {
        return spark(
                "io.marketdata.query.spark.RawQuery",
                root.resolve("infra/sql/spark.sql").toString(),
                "file://" + bucket,
                QUESTION);
    }

    Optional<List<String>> sparkCompact(LocalDate from, LocalDate to) throws IOException {
        return spark(
                "io.marketdata.query.spark.CompactJob",
                "--bucket=file:" + bucket,
                "--symbols=BTCUSDT",
                "--from=" + from,
                "--to=" + to);
    }

    /** Spark in one process, if infra/query/spark is built and its class path is written. */
    private Optional<List<String>> spark(String main, String... arguments) throws IOException {
        Path built = root.resolve("infra/query/spark/target");
        Path classPath = built.resolve("classpath");
        if (!Files.exists(classPath)) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-Xmx2g"));
        Matcher options = Pattern.compile("<spark.jvm>(.*?)</spark.jvm>", Pattern.DOTALL)
                .matcher(Files.readString(built.resolveSibling("pom.xml")));
        if (options.find()) {
            command.addAll(List.of(options.group(1).strip().split("\\s+")));
        }
        command.addAll(List.of("-Dspark.master=local[*]", "-Dspark.ui.enabled=false", "-cp"));
        command.add(built.resolve("test-classes") + ":" + built.resolve("market-data-query-spark.jar") + ":"
                + Files.readString(classPath).strip());
        command.add(main);
        // Its options are words of their own.
        Arrays.stream(arguments)
                .flatMap(argument ->
                        argument.startsWith("--") ? Arrays.stream(argument.split("=", 2)) : Stream.of(argument))
                .forEach(command::add);
        return Optional.of(command);
    }

    private static List<String> bash(String script) {
        return List.of("bash", "-o", "pipefail", "-c", script);
    }
}
