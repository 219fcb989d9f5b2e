package io.marketdata.collector.benchmark;

import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.TlsKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A way to record the trades, as a process. The first is what the others are compared with. */
enum Way {
    BARE("bare minimum", 1),
    UNIT1("collector, options of the unit, 1 connection", 1),
    UNIT2("collector, options of the unit, 2 connections", 2),
    PLAIN1("collector, no options, 1 connection", 1),
    PLAIN2("collector, no options, 2 connections", 2),
    SCRIPT("script: Java-WebSocket, Jackson, gzip", 1),
    TARDIS("tardis-dev on Node.js, gzip", 1);

    /** So that a heap of default size does not hide what a reference needs; the compiler is the default one. */
    private static final List<String> REFERENCE_OPTIONS = List.of("-XX:+UseSerialGC", "-Xmx64m");

    private static final Path TARDIS_SCRIPT = Path.of("src/test/tardis-dev/record.mjs");
    private static final String TARDIS_PACKAGE = "target/tardis-dev/node_modules/tardis-dev";

    private final String title;
    private final int connections;

    Way(String title, int connections) {
        this.title = title;
        this.connections = connections;
    }

    /** Name in options. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    String title() {
        return title;
    }

    int connections() {
        return connections;
    }

    boolean isCollector() {
        return ordinal() >= UNIT1.ordinal() && ordinal() <= PLAIN2.ordinal();
    }

    /** Why it cannot run here; empty if it can. */
    String missing() {
        return this == TARDIS && !Files.exists(Path.of(TARDIS_PACKAGE)) ? "there is no " + TARDIS_PACKAGE : "";
    }

    /**
     * Starts it.
     *
     * @param home has {@code spool} and {@code bucket}
     * @param address of the WebSocket server
     * @param restPort of the REST server
     * @param keys whose certificate it has to trust
     */
    Process start(Path home, String address, String restPort, Path keys) throws IOException {
        String spool = home.resolve("spool").toString();
        String bucket = home.resolve("bucket").toString();
        List<String> command = new ArrayList<>(List.of(CollectorBenchmark.JAVA.toString()));
        command.addAll(TlsKeys.trusting(keys));
        command.addAll(options());
        switch (this) {
            case BARE, SCRIPT -> {
                String main = (this == BARE ? BareMinimum.class : PlainScript.class).getName();
                command.addAll(List.of("-cp", CollectorBenchmark.CLASSES, main, address, spool, bucket));
            }
            case TARDIS -> command = List.of("node", TARDIS_SCRIPT.toString(), bucket);
            default -> command.addAll(List.of("-jar", CollectorBenchmark.JAR.toString()));
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("output.txt").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("JAVA_TOOL") || name.startsWith("AWS_"));
        builder.environment().putAll(environment(address, restPort, spool, bucket));
        return builder.start();
    }

    private List<String> options() {
        return switch (this) {
            case UNIT1, UNIT2 -> List.of("@" + Path.of("systemd/jvm.options").toAbsolutePath());
            case BARE, SCRIPT -> REFERENCE_OPTIONS;
            default -> List.of();
        };
    }

    private Map<String, String> environment(String address, String restPort, String spool, String bucket)
            throws IOException {
        return switch (this) {
            case BARE, SCRIPT -> Map.of();
            case TARDIS -> Map.of("WSS_URL_BINANCE", address + "/stream", "NODE_TLS_REJECT_UNAUTHORIZED", "0");
            // The variables of the unit, and the status page, as when it is installed.
            default ->
                Map.of(
                        "MALLOC_ARENA_MAX",
                        "2",
                        "WS_URL",
                        address,
                        "REST_URL",
                        "http://127.0.0.1:" + restPort,
                        "WS_CONNECTIONS",
                        Integer.toString(connections),
                        "LOCAL_DIR",
                        spool,
                        "RAW_BUCKET",
                        "file:" + bucket,
                        "HTTP_PORT",
                        Integer.toString(FreePort.find()));
        };
    }
}
