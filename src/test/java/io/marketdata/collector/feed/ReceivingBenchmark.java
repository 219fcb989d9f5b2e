package io.marketdata.collector.feed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.trade.FrameParser;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.Framedata;

/**
 * What a frame costs from the socket's buffer to the arbiter, as a ratio to the usual way in the same run: the library's
 * frames, a {@code String}, a Jackson tree. Real frames where there are some. No test: run it by hand, see
 * AI_DEV_GUIDE.md.
 */
public final class ReceivingBenchmark {

    private static final int RUNS = 9;
    private static final int PASSES = 5;
    private static final int SEGMENT = 16_384;
    private static final ObjectMapper JSON = new ObjectMapper();

    private long sum;

    private ReceivingBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path source = Samples.realFrames().orElse(null);
        if (source == null) {
            source = Samples.madeUp(Files.createTempDirectory("benchmark"), 20_000, 31);
        }
        List<String> frames;
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(source)), StandardCharsets.UTF_8))) {
            frames = reader.lines().toList();
        }
        new ReceivingBenchmark().run(source, frames);
    }

    private void run(Path source, List<String> frames) throws Exception {
        List<byte[]> segments = segments(frames);
        double[] ours = new double[RUNS];
        double[] twin = new double[RUNS];
        double[] usual = new double[RUNS];
        double[] ratios = new double[RUNS];
        for (int run = -3; run < RUNS; run++) {
            double direct = nanosPerFrame(frames.size(), () -> direct(segments, 1));
            double both = nanosPerFrame(frames.size(), () -> direct(segments, 2));
            double library = nanosPerFrame(frames.size(), () -> library(segments));
            if (run >= 0) {
                ours[run] = direct;
                twin[run] = both;
                usual[run] = library;
                ratios[run] = direct / library;
            }
        }
        System.out.printf(Locale.ROOT, "%d frames of %s, median of %d runs%n", frames.size(), source, RUNS);
        System.out.printf(Locale.ROOT, "own draft, scanner, arbiter               %6.0f ns a frame%n", median(ours));
        System.out.printf(Locale.ROOT, "the same on two connections                  %6.0f ns a trade%n", median(twin));
        System.out.printf(Locale.ROOT, "library's frames, String, Jackson tree %6.0f ns a frame%n", median(usual));
        System.out.printf(Locale.ROOT, "ratio %.2f (%s)%n", median(ratios), sum == 0 ? "?" : "checked");
    }

    private interface Work {
        void run() throws Exception;
    }

    private static double nanosPerFrame(int frames, Work work) throws Exception {
        long begun = Time.SYSTEM.nanoTime();
        for (int pass = 0; pass < PASSES; pass++) {
            work.run();
        }
        return (double) (Time.SYSTEM.nanoTime() - begun) / PASSES / frames;
    }

    /** The collector; with two connections each trade arrives twice, and the arbiter drops the second. */
    private void direct(List<byte[]> segments, int connections) throws InvalidDataException {
        LineArbiter arbiter = new LineArbiter(
                Trades.BTCUSDT,
                new CountingSink(),
                new LineArbiter.Limits(5_000_000, Duration.ofDays(1)),
                Time.SYSTEM,
                new FeedMetrics(new Metrics()));
        List<DirectDraft> drafts = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            FrameParser parser = new FrameParser(List.of(Trades.BTCUSDT));
            drafts.add(new DirectDraft(
                    1 << 20,
                    (bytes, offset, length) -> offer(arbiter, parser, bytes, offset, length),
                    (status, wait, date) -> {},
                    new ThreadProgress("connection-1." + i),
                    Time.SYSTEM));
        }
        for (byte[] segment : segments) {
            for (DirectDraft draft : drafts) {
                draft.translateFrame(ByteBuffer.wrap(segment));
            }
        }
    }

    private static void offer(LineArbiter arbiter, FrameParser parser, byte[] bytes, int offset, int length) {
        parser.parse(bytes, offset, length);
        try {
            arbiter.offer(parser.trade(0), 0, "A");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void library(List<byte[]> segments) throws Exception {
        Draft_6455 draft = new Draft_6455();
        for (byte[] segment : segments) {
            for (Framedata frame : draft.translateFrame(ByteBuffer.wrap(segment))) {
                String text =
                        StandardCharsets.UTF_8.decode(frame.getPayloadData()).toString();
                JsonNode data = JSON.readTree(text).get("data");
                sum += data.get("t").asLong()
                        + data.get("T").asLong()
                        + data.get("s").asText().length();
            }
        }
    }

    private final class CountingSink implements TradeSink {
        @Override
        public void accept(TradeEvent trade) {
            sum += trade.id();
        }

        @Override
        public void acceptBackfilled(TradeEvent trade) {
            throw new AssertionError("no trade is backfilled here");
        }

        @Override
        public void duplicate(Symbol symbol) {
            sum++;
        }

        @Override
        public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {
            throw new AssertionError(reason);
        }
    }

    /** Text frames as a server sends them, split at arbitrary bytes. */
    private static List<byte[]> segments(List<String> frames) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (String frame : frames) {
            byte[] payload = frame.getBytes(StandardCharsets.UTF_8);
            wire.write(0x81);
            if (payload.length < 126) {
                wire.write(payload.length);
            } else {
                wire.write(126);
                wire.write(payload.length >> 8);
                wire.write(payload.length);
            }
            wire.writeBytes(payload);
        }
        byte[] all = wire.toByteArray();
        List<byte[]> segments = new ArrayList<>();
        for (int from = 0; from < all.length; from += SEGMENT) {
            segments.add(Arrays.copyOfRange(all, from, Math.min(all.length, from + SEGMENT)));
        }
        return segments;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
