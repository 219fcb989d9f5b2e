package io.marketdata.collector.benchmark;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket frames of trades one after another, as they are sent. Ids and times have a fixed width and are patched in
 * place, so that sending costs far less than receiving. One thread.
 */
final class FrameBlock {

    /** The id of the first trade that is sent. */
    static final long FIRST_ID = 4_000_000_000L;

    private static final int SYNTHETIC = 20_000;
    private static final int ID_DIGITS = 10;
    private static final int TIME_DIGITS = 13;
    private static final Pattern FRAME = Pattern.compile(
            "(\\{\"stream\":\"btcusdt@trade\",\"data\":\\{\"e\":\"trade\",\"E\":)\\d+(,\"s\":\"BTCUSDT\",\"t\":)\\d+"
                    + "(,\"p\":\"[0-9.]+\",\"q\":\"[0-9.]+\",\"T\":)\\d+(,\"m\":.*)");

    private final byte[] bytes;

    /** Where each frame begins, and at the end where the last one ends. */
    private final int[] start;

    private final int[] eventTimeAt;
    private final int[] idAt;
    private final int[] tradeTimeAt;

    private FrameBlock(List<String> frames) throws IOException {
        int n = frames.size();
        start = new int[n + 1];
        eventTimeAt = new int[n];
        idAt = new int[n];
        tradeTimeAt = new int[n];
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < n; i++) {
            Matcher frame = FRAME.matcher(frames.get(i));
            if (!frame.matches()) {
                throw new IOException("not a frame of the expected form: " + frames.get(i));
            }
            start[i] = out.size();
            int length = frame.group(1).length()
                    + frame.group(2).length()
                    + frame.group(3).length()
                    + frame.group(4).length()
                    + ID_DIGITS
                    + 2 * TIME_DIGITS;
            // RFC 6455 §5.2: final, text, and a length of 16 bits, which every such frame needs.
            out.writeBytes(new byte[] {(byte) 0x81, 126, (byte) (length >> 8), (byte) length});
            eventTimeAt[i] = gap(out, frame.group(1), TIME_DIGITS);
            idAt[i] = gap(out, frame.group(2), ID_DIGITS);
            tradeTimeAt[i] = gap(out, frame.group(3), TIME_DIGITS);
            out.writeBytes(frame.group(4).getBytes(StandardCharsets.UTF_8));
        }
        start[n] = out.size();
        bytes = out.toByteArray();
    }

    private static int gap(ByteArrayOutputStream out, String before, int digits) {
        out.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        int at = out.size();
        out.writeBytes(new byte[digits]);
        return at;
    }

    /** @param source recorded frames; null: synthetic ones */
    static FrameBlock of(@Nullable Path source) throws IOException {
        if (source == null) {
            return new FrameBlock(synthetic());
        }
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(source)), StandardCharsets.UTF_8))) {
            return new FrameBlock(reader.lines().toList());
        }
    }

    /** A price that moves in four of ten trades, and quantities of which some repeat. */
    private static List<String> synthetic() {
        Random random = new Random(7);
        List<String> frames = new ArrayList<>();
        int cents = 6_183_763;
        for (int i = 0; i < SYNTHETIC; i++) {
            cents += random.nextInt(100) < 62 ? 0 : random.nextInt(101) - 50;
            int quantity = random.nextInt(100) < 18 ? 9 : 1 + random.nextInt(5_000);
            frames.add(String.format(
                    Locale.ROOT,
                    "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":0,\"s\":\"BTCUSDT\",\"t\":0,"
                            + "\"p\":\"%d.%02d000000\",\"q\":\"0.%05d000\",\"T\":0,\"m\":%b,\"M\":true}}",
                    cents / 100,
                    cents % 100,
                    quantity,
                    random.nextBoolean()));
        }
        return frames;
    }

    int size() {
        return idAt.length;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where a frame begins; the index {@link #size()} is where the last one ends. */
    int start(int frame) {
        return start[frame];
    }

    /** Sets ids and times of frames. */
    void patch(int from, int to, long firstId, long epochMs) {
        byte[] time = Long.toString(epochMs).getBytes(StandardCharsets.US_ASCII);
        for (int i = from; i < to; i++) {
            System.arraycopy(time, 0, bytes, eventTimeAt[i], TIME_DIGITS);
            System.arraycopy(time, 0, bytes, tradeTimeAt[i], TIME_DIGITS);
            long id = firstId + i - from;
            for (int at = idAt[i] + ID_DIGITS - 1; at >= idAt[i]; at--) {
                bytes[at] = (byte) ('0' + id % 10);
                id /= 10;
            }
        }
    }
}
