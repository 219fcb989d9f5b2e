package io.marketdata.collector.benchmark;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** What a bucket has of the trades that were sent, read line by line from its gzip files. */
final class StoredTrades {

    private static final byte[] ID = "\"t\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RECEIVED = "\"recv_us\":".getBytes(StandardCharsets.US_ASCII);

    private final BitSet ids = new BitSet();
    private final long[] sentMicros;
    private final long[] delayMicros;
    private long firstReceived = Long.MAX_VALUE;
    private long lastReceived = Long.MIN_VALUE;

    private StoredTrades(long[] sentMicros) {
        this.sentMicros = sentMicros;
        this.delayMicros = new long[sentMicros.length];
        Arrays.fill(delayMicros, Long.MAX_VALUE);
    }

    /** @param sent of {@link LoadServer} */
    static StoredTrades read(Path bucket, Path sent, int trades) throws IOException {
        long[] sentMicros = new long[trades];
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(sent)))) {
            for (int i = 0; i < trades; i++) {
                sentMicros[i] = in.readLong();
            }
        }
        StoredTrades stored = new StoredTrades(sentMicros);
        for (Path part : parts(bucket, ".gz")) {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(part), 1 << 16)) {
                stored.addAll(in.readAllBytes());
            }
        }
        return stored;
    }

    /**
     * The files below a directory whose names begin with {@code part-} and end like that. Files may be deleted meanwhile,
     * which a walk of the JDK does not tolerate.
     */
    static List<Path> parts(Path folder, String ending) {
        List<Path> parts = new ArrayList<>();
        File[] entries = folder.toFile().listFiles();
        for (File entry : entries == null ? new File[0] : entries) {
            if (entry.getName().startsWith("part-")) {
                if (entry.getName().endsWith(ending)) {
                    parts.add(entry.toPath());
                }
            } else {
                parts.addAll(parts(entry.toPath(), ending));
            }
        }
        return parts;
    }

    private void addAll(byte[] lines) {
        int id = 0;
        while (true) {
            id = after(lines, ID, id);
            int received = id < 0 ? -1 : after(lines, RECEIVED, id);
            if (received < 0) {
                return;
            }
            add(number(lines, id), number(lines, received));
            id = received;
        }
    }

    private void add(long id, long receivedMicros) {
        int index = Math.toIntExact(id - FrameBlock.FIRST_ID);
        ids.set(index);
        firstReceived = Math.min(firstReceived, receivedMicros);
        lastReceived = Math.max(lastReceived, receivedMicros);
        delayMicros[index] = Math.min(delayMicros[index], receivedMicros - sentMicros[index]);
    }

    private static int after(byte[] text, byte[] word, int from) {
        for (int i = from; i <= text.length - word.length; i++) {
            if (text[i] == word[0] && Arrays.equals(text, i, i + word.length, word, 0, word.length)) {
                return i + word.length;
            }
        }
        return -1;
    }

    private static long number(byte[] text, int at) {
        long value = 0;
        for (int i = at; text[i] >= '0' && text[i] <= '9'; i++) {
            value = 10 * value + text[i] - '0';
        }
        return value;
    }

    /** Trades that were sent after that time, µs since 1970 UTC. */
    long sentAfter(long micros) {
        return Arrays.stream(sentMicros).filter(sent -> sent > micros).count();
    }

    int count() {
        return ids.cardinality();
    }

    /** µs since 1970 UTC; of the first trade that has been accepted. */
    long firstReceivedMicros() {
        return firstReceived;
    }

    /** µs since 1970 UTC. */
    long lastReceivedMicros() {
        return lastReceived;
    }

    /** From sending to receiving, µs, of the stored trades, in ascending order. */
    long[] delays() {
        return Arrays.stream(delayMicros)
                .filter(delay -> delay != Long.MAX_VALUE)
                .sorted()
                .toArray();
    }
}
