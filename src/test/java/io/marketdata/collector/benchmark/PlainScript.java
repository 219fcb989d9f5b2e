package io.marketdata.collector.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.model.Time;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;
import org.jspecify.annotations.Nullable;

/**
 * What most people write first: a WebSocket library's text messages, a JSON tree of each, a buffered writer, and every
 * 5 s a gzip file. A trade is in memory only until the buffer is full; no id is checked.
 */
final class PlainScript extends WebSocketClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path spool;
    private final Path bucket;
    private @Nullable BufferedWriter out;
    private @Nullable Path file;
    private int parts;

    private PlainScript(URI address, Path spool, Path bucket) {
        super(address);
        this.spool = spool;
        this.bucket = bucket;
    }

    /** Arguments: address, spool directory, bucket directory. */
    public static void main(String[] arguments) throws Exception {
        PlainScript script = new PlainScript(
                URI.create(arguments[0] + "/stream?streams=btcusdt@trade"),
                Path.of(arguments[1]),
                Path.of(arguments[2]));
        Executors.newSingleThreadScheduledExecutor().scheduleAtFixedRate(script::upload, 5, 5, TimeUnit.SECONDS);
        script.connect();
    }

    @Override
    public void onMessage(String message) {
        try {
            JsonNode event = JSON.readTree(message).get("data");
            ((ObjectNode) event).put("recv_us", Time.SYSTEM.epochMicros());
            synchronized (this) {
                if (out == null) {
                    file = spool.resolve("part-" + parts++ + ".jsonl");
                    out = Files.newBufferedWriter(file);
                }
                out.write(event.toString());
                out.newLine();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void upload() {
        Path sealed;
        try {
            synchronized (this) {
                if (out == null) {
                    return;
                }
                out.close();
                out = null;
                sealed = file;
            }
            Path unfinished = bucket.resolve(sealed.getFileName() + ".tmp");
            try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
                Files.copy(sealed, gzip);
            }
            Files.move(unfinished, bucket.resolve(sealed.getFileName() + ".gz"), StandardCopyOption.ATOMIC_MOVE);
            Files.delete(sealed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onOpen(ServerHandshake handshake) {}

    @Override
    public void onClose(int code, String reason, boolean remote) {
        System.err.println("closed: " + code + " " + reason);
    }

    @Override
    public void onError(Exception e) {
        throw new IllegalStateException(e);
    }
}
