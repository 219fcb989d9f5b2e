package io.marketdata.query.testkit;

import io.marketdata.query.command.QueryCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/** What a command of this program printed, and its exit code. */
public record Cli(int code, String out, String err) {

    /** Shared by all tests, so that DuckDB's library is unpacked once. */
    private static final Path WORK = Path.of("target", "test-work").toAbsolutePath();

    /** Runs a command in this process. */
    public static Cli run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--help")) {
            all.add("--work=" + WORK);
        }
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = QueryCommand.commandLine();
        setOutput(line, new PrintWriter(out), new PrintWriter(err));
        int code = line.execute(all.toArray(new String[0]));
        return new Cli(code, out.toString(), err.toString());
    }

    private static void setOutput(CommandLine line, PrintWriter out, PrintWriter err) {
        line.setOut(out).setErr(err);
        line.getSubcommands().values().forEach(each -> setOutput(each, out, err));
    }

    /** The result of a query as JSON, one object a line. */
    public static List<String> rows(Path bucket, Path file, String sql, String... options) throws IOException {
        List<String> all =
                new ArrayList<>(List.of("sql", "--bucket=file:" + bucket, "--format=json", "--out=" + file, sql));
        all.addAll(List.of(options));
        Cli answer = run(all.toArray(new String[0]));
        if (answer.code() != 0) {
            throw new AssertionError(answer);
        }
        return Files.readAllLines(file);
    }

    public static Path work() {
        return WORK;
    }
}
