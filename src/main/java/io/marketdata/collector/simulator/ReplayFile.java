package io.marketdata.collector.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Symbol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Replays recorded frames byte for byte at the intervals at which they arrived.
 *
 * <p>The file holds one frame per line, in combined or raw form, gzipped. Arrival times, ns, one per line, are in a file
 * beside it whose name ends in {@code .recv_ns.txt.gz} instead of {@code .jsonl.gz}; without it the intervals between the
 * trade times are used.
 */
final class ReplayFile implements TradeSource {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Tick> ticks;
    private Iterator<Tick> left;

    private ReplayFile(List<Tick> ticks) {
        this.ticks = ticks;
        this.left = ticks.iterator();
    }

    /**
     * Reads a whole replay file.
     *
     * @param speed intervals are divided by this
     * @throws IOException if it cannot be read, or a line is not a trade; the message names file and line
     */
    static ReplayFile read(Path file, double speed) throws IOException {
        List<String> frames = lines(file);
        if (frames.isEmpty()) {
            throw new IOException(file + " contains no frames");
        }
        List<String> arrivals = arrivals(file, frames.size());
        List<Tick> ticks = new ArrayList<>(frames.size());
        long first = 0;
        for (int i = 0; i < frames.size(); i++) {
            try {
                JsonNode tree = JSON.readTree(frames.get(i));
                JsonNode event = tree.has("data") ? tree.get("data") : tree;
                long nanos =
                        arrivals.isEmpty() ? event.required("T").asLong() * 1_000_000 : Long.parseLong(arrivals.get(i));
                first = i == 0 ? nanos : first;
                ticks.add(tick(event, innerText(frames.get(i), tree), (long) (Math.max(0, nanos - first) / speed)));
            } catch (IOException | IllegalArgumentException e) {
                throw new IOException(file + ", line " + (i + 1) + " is not a trade: " + e.getMessage(), e);
            }
        }
        return new ReplayFile(ticks);
    }

    /** Arrival times, ns; empty if there is no such file. */
    private static List<String> arrivals(Path file, int frames) throws IOException {
        Path times = file.resolveSibling(
                String.valueOf(file.getFileName()).replaceFirst("\\.jsonl\\.gz$", ".recv_ns.txt.gz"));
        List<String> arrivals = !times.equals(file) && Files.exists(times) ? lines(times) : List.of();
        if (!arrivals.isEmpty() && arrivals.size() != frames) {
            throw new IOException(file + " has " + frames + " frames, but " + times.getFileName() + " has "
                    + arrivals.size() + " times");
        }
        return arrivals;
    }

    private static Tick tick(JsonNode event, String json, long dueNanos) {
        Symbol symbol = new Symbol(event.required("s").asText());
        return new Tick(
                symbol,
                Tick.stream(symbol),
                event.required("t").asLong(),
                dueNanos,
                event.required("T").asLong(),
                event.required("p").asText(),
                event.required("q").asText(),
                event.required("m").asBoolean(),
                json);
    }

    /** The bytes of the event as they were sent, not as a JSON library would format them. */
    private static String innerText(String frame, JsonNode tree) {
        if (!tree.has("data")) {
            return frame;
        }
        int from = frame.indexOf("\"data\":") + "\"data\":".length();
        return frame.substring(from, frame.lastIndexOf('}')).strip();
    }

    private static List<String> lines(Path file) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }

    @Override
    public List<Symbol> symbols() {
        return ticks.stream().map(Tick::symbol).distinct().toList();
    }

    @Override
    public void begin(long epochMs) {
        left = ticks.iterator();
    }

    @Override
    public boolean runsWithTheClock() {
        return false;
    }

    @Override
    public @Nullable Tick next() {
        return left.hasNext() ? left.next() : null;
    }
}
