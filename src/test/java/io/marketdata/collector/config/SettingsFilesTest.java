package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commented files that users start from match the table of settings. */
class SettingsFilesTest {

    // Shown in the files as an example, because there is no default.
    private static final List<Setting<?>> EXAMPLES = List.of(
            SettingsTable.RAW_BUCKET,
            SettingsTable.AWS_REGION,
            SettingsTable.AWS_ENDPOINT_URL_S3,
            SettingsTable.HTTPS_PROXY,
            SettingsTable.HTTP_PROXY,
            SettingsTable.ALL_PROXY,
            SettingsTable.NO_PROXY,
            SettingsTable.WS_FALLBACK_URL,
            SettingsTable.BINANCE_API_KEY);

    private static final String YAML = read("configs/collector.yaml");
    private static final String DOT_ENV = read(".env.example");

    @TempDir
    Path directory;

    @Test
    void yamlFileStatesEveryDefaultAndNothingElse() throws Exception {
        Map<String, String> expected = new HashMap<>();
        for (Setting<?> setting : SettingsTable.ALL) {
            if (setting.variable() == null) {
                expected.put(setting.yamlPath(), setting.defaultText());
            }
        }

        assertThat(texts(parseYaml(YAML))).isEqualTo(expected);
    }

    @Test
    void yamlFileShowsEveryVariableAsAComment() throws Exception {
        Map<String, String> shown = texts(parseYaml(YAML.replaceAll("(?m)^# (?=[a-z0-9_]+: \\S+$)", "")));

        for (Setting<?> setting : SettingsTable.ALL) {
            if (setting.yamlPath() != null) {
                assertShown(setting, shown.remove(setting.yamlPath()));
            }
        }
        assertThat(shown).isEmpty();
    }

    @Test
    void dotEnvShowsEveryVariableAsAComment() throws Exception {
        Problems problems = new Problems();
        Map<String, String> shown =
                texts(DotEnv.parse(DOT_ENV.replaceAll("(?m)^#(?=[A-Z0-9_]+=\\S+$)", ""), ".env", problems));
        problems.throwIfAny();

        for (Setting<?> setting : SettingsTable.ALL) {
            if (setting.variable() != null) {
                assertShown(setting, shown.remove(setting.variable()));
            }
        }
        assertThat(shown).isEmpty();
    }

    @Test
    void commentAboveEachLineDescribesTheSettingWithDefaultAndRange() {
        for (Setting<?> setting : SettingsTable.ALL) {
            if (setting.yamlPath() != null) {
                String key = setting.yamlPath().substring(setting.yamlPath().lastIndexOf('.') + 1);
                String comment = commentAbove(YAML, "(# |  )" + key + ": .*");
                assertThat(comment).containsIgnoringCase(setting.description());
                if (setting.variable() == null) {
                    String range = setting.format().allowed().split(",", 2)[0];
                    assertThat(comment).contains("Default " + setting.defaultText() + "; " + range + ".");
                }
            }
            if (setting.variable() != null) {
                assertThat(commentAbove(DOT_ENV, "#?" + setting.variable() + "=.*"))
                        .containsIgnoringCase(setting.description());
            }
        }
    }

    @Test
    void copyOfBothFilesIsACompleteConfiguration() throws Exception {
        Files.writeString(directory.resolve(".env"), DOT_ENV);
        Files.writeString(Files.createDirectory(directory.resolve("configs")).resolve("collector.yaml"), YAML);
        Path empty = Files.createDirectory(directory.resolve("empty"));
        String spool = directory.toString();

        Settings copied = new SettingsLoader(Map.of("LOCAL_DIR", spool), directory).load();

        assertThat(copied)
                .isEqualTo(new SettingsLoader(
                                Map.of("LOCAL_DIR", spool, "RAW_BUCKET", "file:/tmp/market-data-bucket"), empty)
                        .load());
    }

    /** The reference page has both tables; {@code target/settings-tables.md} is what to copy when it has not. */
    @Test
    void configurationPageListsEverySetting() throws Exception {
        Path page = Path.of("docs/CONFIGURATION.md");
        String variables = table(true);
        String keys = table(false);
        Files.writeString(Path.of("target/settings-tables.md"), variables + "\n" + keys);

        assertThat(Files.readString(page))
                .as("copy target/settings-tables.md into %s", page)
                .contains(variables)
                .contains(keys);
    }

    private static String table(boolean variables) {
        StringBuilder table = new StringBuilder(
                variables
                        ? "| variable | default | allowed | meaning |\n|---|---|---|---|\n"
                        : "| YAML key | default | allowed | meaning |\n|---|---|---|---|\n");
        for (Setting<?> setting : SettingsTable.ALL) {
            if ((setting.variable() != null) == variables) {
                table.append(String.format(
                        Locale.ROOT,
                        "| `%s` | %s | %s | %s |%n",
                        setting.name(),
                        setting.defaultText() == null
                                ? setting.required() ? "required" : "–"
                                : "`" + setting.defaultText() + "`",
                        setting.format().allowed().replace("|", "\\|"),
                        meaning(setting).replace("|", "\\|")));
            }
        }
        return table.toString();
    }

    /** The comment in the file that an operator edits, without default and range, which have columns of their own. */
    private static String meaning(Setting<?> setting) {
        if (setting.variable() != null) {
            return commentAbove(DOT_ENV, "#?" + setting.variable() + "=.*");
        }
        String path = String.valueOf(setting.yamlPath());
        return commentAbove(YAML, "  " + path.substring(path.lastIndexOf('.') + 1) + ": .*")
                .replaceFirst(" Default \\S+; [^.]*?\\.(?= |$)", "");
    }

    private static void assertShown(Setting<?> setting, String text) {
        if (EXAMPLES.contains(setting)) {
            Objects.requireNonNull(setting.format().parse(text, Path.of("/")), setting.name());
        } else {
            assertThat(text).as(setting.name()).isEqualTo(setting.defaultText());
        }
    }

    /** The comment lines directly above the line of that form, as one text. */
    private static String commentAbove(String file, String form) {
        List<String> comment = new ArrayList<>();
        for (String line : file.lines().toList()) {
            if (line.matches(form)) {
                return String.join(" ", comment);
            }
            if (line.strip().startsWith("# ")) {
                comment.add(line.strip().substring(2));
            } else {
                comment.clear();
            }
        }
        throw new AssertionError(String.format(Locale.ROOT, "no line of the form %s", form));
    }

    private static Map<String, Stated> parseYaml(String text) throws SettingsException {
        Problems problems = new Problems();
        Map<String, Stated> values = YamlText.parse(text, "configs/collector.yaml", problems);
        problems.throwIfAny();
        return values;
    }

    private static Map<String, String> texts(Map<String, Stated> values) {
        Map<String, String> texts = new HashMap<>();
        values.forEach((name, stated) -> texts.put(name, stated.text()));
        return texts;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new AssertionError("run from the root of the project", e);
        }
    }
}
