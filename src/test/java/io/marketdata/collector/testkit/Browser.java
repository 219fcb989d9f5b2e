package io.marketdata.collector.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * One tab of a headless Chromium, controlled over the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/).
 */
public final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PATIENCE_SECONDS = 30;

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private Browser(Process process, Path profile, URI tab) {
        this.process = process;
        this.profile = profile;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(tab, new Messages())
                .join();
    }

    /** Whether there is one on this machine. */
    public static boolean isInstalled() {
        return Programs.onPath("chromium");
    }

    /** @param profile an empty directory */
    public static Browser start(Path profile) throws Exception {
        Process process = new ProcessBuilder(
                        "chromium",
                        "--headless",
                        // Chromium refuses to run as root inside its sandbox; the one page it sees here is ours.
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("output").toFile())
                .start();
        try {
            Path port = profile.resolve("DevToolsActivePort");
            Await.until(
                    "Chromium listens",
                    () -> Files.exists(port) && Files.readAllLines(port).size() == 2);
            return new Browser(
                    process,
                    profile,
                    tab(Integer.parseInt(Files.readAllLines(port).get(0))));
        } catch (Exception | Error e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private static URI tab(int port) throws IOException, InterruptedException {
        URI list = URI.create("http://127.0.0.1:" + port + "/json/list");
        String tabs = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(list).build(), BodyHandlers.ofString())
                .body();
        for (JsonNode tab : JSON.readTree(tabs)) {
            if (tab.at("/type").asText().equals("page")) {
                return URI.create(tab.at("/webSocketDebuggerUrl").asText());
            }
        }
        throw new AssertionError("no tab in " + tabs);
    }

    /** Opens a page in a window of that size, and waits until it is there. */
    public void open(String url, int width, int height) throws Exception {
        call("Runtime.enable", Map.of());
        call("Log.enable", Map.of());
        resize(width, height);
        call("Page.navigate", Map.of("url", url));
        Await.until(
                url + " is loaded",
                () -> evaluate("location.href + ' ' + document.readyState")
                        .asText()
                        .equals(url + " complete"));
    }

    /** Changes the size of the window, in CSS pixels. */
    public void resize(int width, int height) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", true));
    }

    /** The colours that the user prefers: {@code light} or {@code dark}. */
    public void prefer(String colours) throws Exception {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
    }

    /** Shows the page as on paper, for a user who prefers dark colours. */
    public void print() throws Exception {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("media", "print", "features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
    }

    /** The value of a JavaScript expression on the page. */
    public JsonNode evaluate(String expression) throws Exception {
        JsonNode result = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.at("/exceptionDetails"));
        }
        return result.at("/result/value");
    }

    /** What the browser complained of: errors of the console, exceptions, breaches of the page's policy. */
    public List<String> complaints() {
        return List.copyOf(complaints);
    }

    private JsonNode call(String method, Map<String, Object> parameters) throws Exception {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        String message = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
        socket.sendText(message, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        JsonNode all = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (all.has("error")) {
            throw new AssertionError(method + ": " + all);
        }
        return all.at("/result");
    }

    private final class Messages implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    take(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    complaints.add("no JSON: " + e);
                }
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }

        private void take(JsonNode message) {
            CompletableFuture<JsonNode> waiting =
                    answers.remove(message.at("/id").asInt());
            String method = message.at("/method").asText();
            if (waiting != null) {
                waiting.complete(message);
            } else if (method.equals("Runtime.exceptionThrown")
                    || (method.equals("Runtime.consoleAPICalled")
                            && message.at("/params/type").asText().equals("error"))
                    || (method.equals("Log.entryAdded")
                            && message.at("/params/entry/level").asText().equals("error"))) {
                complaints.add(message.at("/params").toString());
            }
        }
    }

    /** Ends it and its children, and deletes the profile, to which a child may write for a moment longer. */
    @Override
    public void close() {
        socket.abort();
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        try {
            Await.until("the profile is deleted", () -> deleted(profile));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean deleted(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (DirectoryNotEmptyException | NoSuchFileException | UncheckedIOException e) {
            return false;
        }
        return Files.notExists(folder);
    }
}
