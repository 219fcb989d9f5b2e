package io.marketdata.collector.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The values set in the environment, {@code .env} and the YAML file, in this order of precedence. An empty value counts as
 * not set: deployment tools pass variables even if the operator has not set them.
 */
final class Sources {

    private static final List<String> VARIABLES = SettingsTable.ALL.stream()
            .map(Setting::variable)
            .filter(Objects::nonNull)
            .toList();
    private static final List<String> YAML_PATHS = SettingsTable.ALL.stream()
            .map(Setting::yamlPath)
            .filter(Objects::nonNull)
            .toList();

    // One .env often serves several tools; these belong to the AWS tools and to the JVM.
    private static final List<String> FOREIGN_PREFIXES = List.of("AWS_", "JAVA_");

    private final Map<String, String> environment;
    private final FileTrust trust;
    private final Map<String, Stated> dotEnv;
    private final Map<String, Stated> yaml;

    /** Reads the files; every line that cannot be parsed and every unknown name is added to the problems. */
    Sources(Map<String, String> environment, Path workingDirectory, FileTrust trust, Problems problems) {
        this.environment = environment;
        this.trust = trust;
        new TreeMap<>(environment).forEach((name, value) -> warnIfMisspelt(name, value, "environment", problems));
        this.dotEnv = readDotEnv(workingDirectory.resolve(".env"), problems);
        this.yaml = readYaml(workingDirectory, problems);
    }

    /** All values in {@code .env} by name, including those of other tools. */
    Map<String, String> dotEnv() {
        return dotEnv.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, stated -> stated.getValue().text()));
    }

    /** The value set for a setting, or its default; null if there is neither. */
    @Nullable
    Stated find(Setting<?> setting) {
        Stated stated = findVariable(setting);
        if (stated == null && setting.yamlPath() != null) {
            stated = nonEmpty(yaml.get(setting.yamlPath()));
        }
        return stated != null ? stated : defaultOf(setting);
    }

    private static @Nullable Stated defaultOf(Setting<?> setting) {
        return setting.defaultText() == null ? null : new Stated(setting.defaultText(), "default");
    }

    private @Nullable Stated findVariable(Setting<?> setting) {
        if (setting.variable() == null) {
            return null;
        }
        Stated stated = inEnvironment(setting.variable(), "environment");
        if (stated == null && setting.variable().endsWith("_PROXY")) {
            // curl and most other programs read the lower-case names
            String lowerCase = setting.variable().toLowerCase(Locale.ROOT);
            stated = inEnvironment(lowerCase, "environment, " + lowerCase);
        }
        return stated != null ? stated : nonEmpty(dotEnv.get(setting.variable()));
    }

    private @Nullable Stated inEnvironment(String name, String where) {
        String text = environment.get(name);
        return nonEmpty(text == null ? null : new Stated(text, where));
    }

    private static @Nullable Stated nonEmpty(@Nullable Stated stated) {
        return stated == null || stated.text().isBlank() ? null : stated;
    }

    private static void warnIfMisspelt(String name, String value, String where, Problems problems) {
        MisspeltName.of(name, value, VARIABLES)
                .ifPresent(setting -> problems.warn(Problems.quoted(name) + " (" + where + ") is not a setting and is"
                        + " ignored; did you mean " + setting + "?"));
    }

    private Map<String, Stated> readDotEnv(Path file, Problems problems) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Map.of();
        }
        Map<String, Stated> values;
        try {
            values = DotEnv.parse(TextFile.read(file, trust), ".env", problems);
        } catch (IOException e) {
            problems.add(".env " + e.getMessage() + "; it must be a text file of lines NAME=value, or be absent");
            return Map.of();
        }
        values.forEach((name, stated) -> {
            if (!VARIABLES.contains(name) && FOREIGN_PREFIXES.stream().noneMatch(name::startsWith)) {
                problems.add(stated.where() + ": " + unknown(name, VARIABLES, ".env.example"));
            } else {
                warnIfMisspelt(name, stated.text(), stated.where(), problems);
            }
        });
        if (values.keySet().stream().anyMatch(SettingsLoader::isSecret) && trust.isPublic(file)) {
            problems.warn(".env holds secrets, and every user of this machine may read it: chmod 600 " + file);
        }
        return values;
    }

    private Map<String, Stated> readYaml(Path workingDirectory, Problems problems) {
        Setting<Path> setting = SettingsTable.COLLECTOR_CONFIG;
        Stated named = findVariable(setting);
        Stated stated = named != null ? named : Objects.requireNonNull(defaultOf(setting));
        Path file;
        try {
            file = setting.format().parse(stated.text(), workingDirectory);
        } catch (IllegalArgumentException e) {
            return Map.of(); // reported with the other settings
        }
        if (named == null && !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Map.of();
        }
        try {
            Map<String, Stated> values =
                    YamlText.parse(TextFile.read(file, trust), Problems.escaped(stated.text()), problems);
            values.forEach((path, value) -> report(path, value, problems));
            return values;
        } catch (IOException e) {
            problems.add(setting.problem(stated, "the file " + e.getMessage()));
            return Map.of();
        }
    }

    private static void report(String path, Stated stated, Problems problems) {
        if (YAML_PATHS.stream().anyMatch(known -> known.startsWith(path + "."))) {
            // All lines of a section may be commented out.
            if (!stated.text().isEmpty()) {
                problems.add(stated.where() + ": " + path + " is a section and takes no value of its own; write its"
                        + " settings below it, indented");
            }
        } else if (!YAML_PATHS.contains(path)) {
            problems.add(stated.where() + ": " + unknown(path, YAML_PATHS, "configs/collector.yaml"));
        } else if (stated.isNull()) {
            problems.add(stated.where() + ": " + path + " has no value; write one, or remove the line for the default");
        }
    }

    private static String unknown(String name, List<String> known, String documentation) {
        return Problems.quoted(name) + " is not a setting; "
                + NearestName.of(name, known)
                        .map(nearest -> "did you mean " + nearest + "?")
                        .orElse("all of them are in " + documentation);
    }
}
