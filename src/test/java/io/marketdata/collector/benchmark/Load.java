package io.marketdata.collector.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * How fast trades are sent.
 *
 * @param name as given: {@code flat}, or trades per second such as {@code 50000}; {@code x10} for bursts of ten that
 *     share a write; {@code tls} for TLS
 * @param rate trades per second; 0: as fast as they are read
 * @param burst trades in one write
 */
record Load(String name, int rate, int burst, boolean tls) {

    /** Trades per second of the recorded frames, whose own gaps are used at this rate. */
    static final int RECORDED_RATE = 31;

    private static final Pattern FORM = Pattern.compile("(flat|\\d{1,6})(?:x(\\d{1,3}))?(tls)?");

    /** Frames that came this soon after the one before are sent in one write with it. */
    private static final long SAME_WRITE_NANOS = 10_000;

    static Load parse(String name) {
        Matcher form = FORM.matcher(name);
        if (!form.matches()) {
            throw new IllegalArgumentException("\"" + name
                    + "\" is not a load: flat or a number, then x and a burst, then tls, as in 50000x10tls");
        }
        int rate = form.group(1).equals("flat") ? 0 : Integer.parseInt(form.group(1));
        int burst = form.group(2) == null ? 1 : Integer.parseInt(form.group(2));
        return new Load(name, rate, burst, form.group(3) != null);
    }

    boolean isFlatOut() {
        return rate == 0;
    }

    int trades(int flatOut, int seconds) {
        return isFlatOut() ? flatOut : rate * seconds;
    }

    String title() {
        String transport = tls ? "TLS" : "plain WebSocket";
        if (isFlatOut()) {
            return "As fast as they are read, " + transport;
        }
        String each = rate == RECORDED_RATE
                ? "the gaps of the recorded frames where there are some"
                : burst == 1 ? "each frame alone" : "bursts of " + burst;
        return String.format(Locale.ROOT, "%,d trades a second, %s, %s", rate, each, transport);
    }

    /** When each trade is due, ns after the first; trades with the same value share a write. */
    long[] due(int trades, Path arrivals) throws IOException {
        long[] due = new long[trades];
        if (rate == RECORDED_RATE && Files.exists(arrivals)) {
            recorded(due, arrivals);
        } else {
            for (int i = 0; i < trades; i++) {
                due[i] = (long) (i / burst) * burst * 1_000_000_000L / rate;
            }
        }
        return due;
    }

    private static void recorded(long[] due, Path arrivals) throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(arrivals)), StandardCharsets.US_ASCII))) {
            long first = 0;
            long last = Long.MIN_VALUE;
            for (int i = 0; i < due.length; i++) {
                String line = in.readLine();
                if (line == null) {
                    throw new IOException("the recording has only " + i + " frames");
                }
                long at = Long.parseLong(line.strip());
                first = i == 0 ? at : first;
                due[i] = at - last < SAME_WRITE_NANOS && i > 0 ? due[i - 1] : at - first;
                last = at;
            }
        }
    }
}
