package io.marketdata.query.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** A trade as the exchange made it. */
public record Trade(long id, long timeMs, String price, String quantity, boolean buyerIsMaker) {

    private static final Pattern FRAME = Pattern.compile(
            "\"t\":(\\d+),\"p\":\"([0-9.]+)\",\"q\":\"([0-9.]+)\",(?:\"b\":\\d+,\"a\":\\d+,)?\"T\":(\\d+),\"m\":(true|false)");

    /** Reads recorded frames, one a line, gzipped. */
    public static List<Trade> frames(Path file) throws IOException {
        List<Trade> trades = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher frame = FRAME.matcher(line);
                if (frame.find()) {
                    trades.add(new Trade(
                            Long.parseLong(frame.group(1)),
                            Long.parseLong(frame.group(4)),
                            frame.group(2),
                            frame.group(3),
                            Boolean.parseBoolean(frame.group(5))));
                }
            }
        }
        return trades;
    }

    /** Trades in bursts, with empty seconds between, in the order of ids and times. */
    public static List<Trade> made(long firstId, long fromMs, long toMs, long seed) {
        Random random = new Random(seed);
        List<Trade> trades = new ArrayList<>();
        long cents = 6_183_763;
        long id = firstId;
        for (long ms = fromMs + random.nextInt(300); ms < toMs; ms += random.nextInt(4_000)) {
            for (int burst = 1 + random.nextInt(5); burst > 0; burst--) {
                cents += random.nextInt(21) - 10;
                String quantity = "0." + String.format(java.util.Locale.ROOT, "%08d", 1 + random.nextInt(9_999_999));
                trades.add(new Trade(
                        id++,
                        ms,
                        cents / 100 + "." + String.format(java.util.Locale.ROOT, "%02d", cents % 100) + "000000",
                        quantity,
                        random.nextBoolean()));
            }
        }
        return trades;
    }

    public Trade withPrice(String other) {
        return new Trade(id, timeMs, other, quantity, buyerIsMaker);
    }
}
