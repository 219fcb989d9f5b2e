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
 * Recorded frames, sent again byte for byte with the gaps in which they arrived.
 *
 * <p>The file holds one frame a line, combined or raw form, gzipped. Arrival times, ns, one a line, stand in the file
 * beside it whose name ends in {@code .recv_ns.txt.gz} instead of {@code .jsonl.gz}; without it the gaps of the trade
 * times are taken.
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
     * Reads a recording whole.
     *
     * @param speed gaps are divided by this
     * @throws IOException if it cannot be read, or a line is no trade; the message names file and line
     */
    static ReplayFile read(Path file, double speed) throws IOException {
        List<String> frames = lines(file);
        Path times = file.resolveSibling(
                String.valueOf(file.getFileName()).replaceFirst("\\.jsonl\\.gz$", ".recv_ns.txt.gz"));
        List<String> arrivals = !times.equals(file) && Files.exists(times) ? lines(times) : List.of();
        if (!arrivals.isEmpty() && arrivals.size() != frames.size()) {
            throw new IOException(file + " has " + frames.size() + " frames, but " + times.getFileName() + " has "
                    + arrivals.size() + " times");
        }
        if (frames.isEmpty()) {
            throw new IOException(file + " holds no frame");
        }
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
                throw new IOException(file + ", line " + (i + 1) + " is no trade: " + e.getMessage(), e);
            }
        }
        return new ReplayFile(ticks);
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

    /** The event as it was sent, not as a JSON library would write it again. */
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
