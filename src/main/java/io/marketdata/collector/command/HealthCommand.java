package io.marketdata.collector.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.status.LocalPage;
import io.marketdata.collector.status.RecordingProof;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks the collector that runs on this machine for its health. */
@Command(
        name = "health",
        description = {
            "Asks the collector that runs on this machine with these settings for its health, and prints the status and"
                    + " the reasons. Waits at most 5 s. Needs no setting but HTTP_PORT and HTTP_HOST.",
            "",
            "Exit code: 0 if the status is ok, 1 if it is degraded or failing, 2 if no collector answers.",
        },
        footer = {"", "Example: ${ROOT-COMMAND-NAME} health --live"},
        mixinStandardHelpOptions = true)
public final class HealthCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_BYTES = 4 << 20;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Option(
            names = "--live",
            description = "Ask only whether the process lives. For health checks that restart it: a restart improves"
                    + " nothing about the flow of data.")
    private boolean live;

    @Allowed(least = "0s", most = "24h")
    @Option(
            names = "--await-recording",
            paramLabel = "TIME",
            description =
                    "Ask until recording is proven, for at most this long: every symbol has an uploaded part. When"
                            + " the time ends, a symbol without a trade and an exchange that is down are accepted. Exit code: 0"
                            + " proven or accepted, 1 not. For a new machine, before the next one is replaced.")
    private @Nullable Duration awaited;

    @Override
    public Integer call() throws SettingsException, InterruptedException {
        if (awaited != null && live) {
            throw terminal.wrong("--live and --await-recording exclude each other");
        }
        SettingsLoader settings = SettingsLoader.ofProcess();
        int port = settings.httpPort();
        if (port == 0) {
            return cannotLook("HTTP_PORT is 0, so the collector serves no pages; set a port to ask it");
        }
        String host = LocalPage.reachedAt(settings.httpHost());
        if (awaited != null) {
            return awaitRecording(host, port, awaited).code();
        }
        LocalPage page;
        try {
            page = LocalPage.get(host, port, live ? "/health/live" : "/health", TIMEOUT, MAX_BYTES, Time.SYSTEM);
        } catch (IOException e) {
            return cannotLook("no collector answers on " + host + ", port " + port + ": " + reason(e)
                    + "; start it, or set HTTP_PORT and HTTP_HOST as they are there");
        }
        return live ? live(page) : health(page, host + ", port " + port);
    }

    private ExitCode awaitRecording(String host, int port, Duration most) throws InterruptedException {
        long endNanos = Time.SYSTEM.nanoTime() + most.toNanos();
        String printed = "";
        while (true) {
            RecordingProof proof = proof(host, port);
            boolean isOver = Time.SYSTEM.nanoTime() - endNanos >= 0;
            if (proof.isProven() && (proof.isFinal() || isOver)) {
                terminal.print(
                        "Recording is " + (proof.isFinal() ? "proven: " : "accepted: ") + LogText.of(proof.text()));
                return ExitCode.DONE;
            }
            if (isOver) {
                terminal.err().println("Recording is not proven: " + LogText.of(proof.text()));
                return ExitCode.FOUND_WANTING;
            }
            if (!proof.text().equals(printed)) {
                printed = proof.text();
                terminal.print("Waiting: " + LogText.of(printed));
            }
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private static RecordingProof proof(String host, int port) {
        try {
            LocalPage page = LocalPage.get(host, port, "/health", TIMEOUT, MAX_BYTES, Time.SYSTEM);
            return RecordingProof.of(new ObjectMapper().readTree(page.body()));
        } catch (IOException e) {
            return new RecordingProof(
                    false, false, "no collector answers on " + host + ", port " + port + ": " + reason(e));
        }
    }

    private static String reason(IOException e) {
        return e instanceof UnknownHostException ? "unknown host" : LogText.of(String.valueOf(e.getMessage()));
    }

    private int cannotLook(String why) {
        terminal.err().println(why);
        return ExitCode.COULD_NOT_LOOK.code();
    }

    private int live(LocalPage page) {
        boolean lives = page.status() == 200;
        if (json.wanted()) {
            terminal.print("{\"live\":" + lives + "}");
        } else {
            terminal.print(LogText.of(page.body().strip()));
        }
        return (lives ? ExitCode.DONE : ExitCode.FOUND_WANTING).code();
    }

    private int health(LocalPage page, String where) {
        JsonNode health;
        try {
            health = new ObjectMapper().readTree(page.body());
        } catch (JsonProcessingException e) {
            health = new ObjectMapper().createObjectNode();
        }
        String status = health.path("status").asText();
        if (status.isEmpty()) {
            return cannotLook("what answers on " + where + " is not this collector (HTTP " + page.status()
                    + "); set HTTP_PORT and HTTP_HOST as they are there");
        }
        if (json.wanted()) {
            terminal.print(health.toString());
        } else {
            terminal.print(LogText.of(status));
            health.path("reasons").forEach(reason -> terminal.print(line(reason)));
        }
        return (status.equals("ok") ? ExitCode.DONE : ExitCode.FOUND_WANTING).code();
    }

    private static String line(JsonNode reason) {
        String symbol = reason.path("symbol").asText();
        return LogText.of(reason.path("severity").asText()) + "  "
                + LogText.of(reason.path("code").asText())
                + (symbol.isEmpty() ? "" : " " + LogText.of(symbol)) + ": "
                + LogText.of(reason.path("text").asText());
    }
}
