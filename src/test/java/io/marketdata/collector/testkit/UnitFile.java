package io.marketdata.collector.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the files of {@code systemd/}; supports no continued lines and no quotes, because they have none. */
public final class UnitFile {

    /** Their folder in this repository. */
    public static final Path FOLDER = Path.of("systemd");

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    /** Reads the collector's unit. */
    public UnitFile() throws IOException {
        this("market-collector.service");
    }

    /** Reads a unit. */
    public UnitFile(String file) throws IOException {
        for (String line : statements(FOLDER.resolve(file))) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.computeIfAbsent(line.substring(0, equals), name -> new ArrayList<>())
                        .add(line.substring(equals + 1));
            }
        }
    }

    /** Lines that are neither blank nor comments. */
    private static List<String> statements(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    /** The statements that take something away from the process: everything from {@code NoNewPrivileges} on. */
    public Map<String, List<String>> restrictions() {
        Map<String, List<String>> restrictions = new LinkedHashMap<>();
        values.forEach((name, all) -> {
            if (name.equals("NoNewPrivileges") || !restrictions.isEmpty()) {
                restrictions.put(name, all);
            }
        });
        restrictions.remove("WantedBy");
        return restrictions;
    }

    /** Every value of that name, in order. */
    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** The only value of that name. */
    public String only(String name) {
        if (all(name).size() != 1) {
            throw new AssertionError(name + " is there " + all(name).size() + " times");
        }
        return all(name).get(0);
    }

    /** The variables that the unit itself sets, with the specifiers of the plain unit filled in. */
    public Map<String, String> environment(Path state) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String assignment : all("Environment")) {
            String[] parts = assignment.split("=", 2);
            environment.put(parts[0], parts[1].replace("%S/%N", state.toString()));
        }
        return environment;
    }

    /** The command of the unit, with its paths replaced by those of this build. */
    public List<String> command(Path java, Path jar) {
        return Arrays.stream(only("ExecStart").split(" "))
                .map(word -> word.replace("/usr/bin/java", java.toString())
                        .replace(
                                "/etc/market-collector/jvm.options",
                                FOLDER.resolve("jvm.options").toAbsolutePath().toString())
                        .replace("/opt/market-collector/collector.jar", jar.toString()))
                .toList();
    }

    /** Variables of {@code collector.env.example} that are set when it is copied. */
    public static Map<String, String> exampleEnvironment() throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String line : statements(FOLDER.resolve("collector.env.example"))) {
            String[] parts = line.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        return environment;
    }
}
