package io.marketdata.query.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the documentation shows for other engines, as it is written there. */
public final class Documented {

    /** The root of the repository, from the directory of this project or of one below it. */
    public static final Path ROOT = root();

    private Documented() {}

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/QUERYING.md"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static String querying() throws IOException {
        return Files.readString(ROOT.resolve("docs/QUERYING.md"));
    }

    /** The rows of an engine in the tables of docs/QUERYING.md. */
    public static List<String> rows(String engine) throws IOException {
        return querying()
                .lines()
                .filter(line -> line.startsWith("| " + engine + " | "))
                .toList();
    }

    /** The statements of a file in infra/sql. */
    public static List<String> statements(String file) throws IOException {
        String text = Files.readString(ROOT.resolve("infra/sql").resolve(file)).replaceAll("(?m)--.*$", "");
        return Pattern.compile(";\\s*(\\n|$)")
                .splitAsStream(text)
                .filter(statement -> !statement.isBlank())
                .map(String::strip)
                .toList();
    }

    /** A block of docs/QUERYING.md that a test runs. */
    public static String snippet(String name) throws IOException {
        Matcher block = Pattern.compile("<!-- run: " + name + " -->\n```[a-z]+\n(.*?)```", Pattern.DOTALL)
                .matcher(querying());
        if (!block.find()) {
            throw new AssertionError("no snippet of " + name + " in docs/QUERYING.md");
        }
        return block.group(1);
    }

    /** What a program printed, its standard error as well; null if it is not there or failed. */
    public static String run(Path bucket, String... command) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("BUCKET", bucket.toString());
        try {
            Process process = builder.start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? out : null;
        } catch (IOException e) {
            return null;
        }
    }
}
