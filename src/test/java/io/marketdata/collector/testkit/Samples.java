package io.marketdata.collector.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Replay files for tests: recorded frames where a developer has them, and made-up ones that every machine has. */
public final class Samples {

    private static final Pattern FRAME = Pattern.compile("\\{\"stream\":\"[^\"]+\",\"data\":(\\{.*\"t\":(\\d+).*})}");

    private Samples() {}

    /** 19,904 real frames of BTCUSDT, 650 s, if they are on this machine. */
    public static Optional<Path> realFrames() {
        String named = System.getenv("MARKETDATA_SAMPLES");
        Path file = (named == null ? Path.of("..", "shared", "data") : Path.of(named))
                .resolve("spot_btcusdt_trade_20240808T2354_650s.jsonl.gz");
        return Files.exists(file) ? Optional.of(file.toAbsolutePath().normalize()) : Optional.empty();
    }

    /**
     * Writes a replay file: {@code trades} frames, {@code perSecond} a second, in bursts of seven that share one time.
     */
    public static Path madeUp(Path folder, int trades, int perSecond) throws IOException {
        Path file = folder.resolve("made-up.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < trades; i++) {
                long time = 1_736_950_320_000L + 7_000L * (i / 7) / perSecond;
                String frame = "{\"stream\":\"btcusdt@trade\",\"data\":"
                        + Trades.json(Trades.BTCUSDT, 3_000_000_000L + i, time) + "}\n";
                out.write(frame.getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    /** The events of a replay file by their ids, byte for byte. */
    public static Map<Long, String> events(Path source) throws IOException {
        Map<Long, String> events = new TreeMap<>();
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(source)), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Matcher frame = FRAME.matcher(line);
                if (!frame.matches()) {
                    throw new IOException("not a frame: " + line);
                }
                events.put(Long.parseLong(frame.group(2)), frame.group(1));
            }
        }
        return events;
    }
}
