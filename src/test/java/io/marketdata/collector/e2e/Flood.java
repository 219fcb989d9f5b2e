package io.marketdata.collector.e2e;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** Frames of a server that wants to harm: as many as it likes, and never one that an honest server would send. */
final class Flood {

    /** What is attacked, and by what. */
    enum Attack {
        /** Frames that are no JSON, of an unknown kind, error frames and replies to nothing. */
        ODD_FRAMES,
        BINARY,
        DEEP_JSON,
        LONG_FRAMES,
        /** Trades with ids far ahead, each in another slot. */
        LEAPS,
        /** Short runs of ids that begin again. */
        RESETS,
        /** Notices that the server is about to shut down. */
        NOTICES,
        /** Pings whose pongs are not read. */
        PINGS,
        EMPTY_FRAGMENTS,
        REST_BODIES,
        /** 429 with a Retry-After of three days. */
        REST_LIMITS,
        S3_XML,
        S3_REFUSALS,
        S3_SLOW,
        STATUS_PORT,
        /** Standard output is not read. */
        STDOUT
    }

    /** Price of each trade that is made up here; no honest trade has it. */
    static final String FORGED = "\"p\":\"0.00000000\"";

    private static final long HALF_A_DAY_MS = 11 * 3_600_000L;
    private static final int LEAPS_AT_ONCE = 300;
    private static final int PINGS_AT_ONCE = 16;

    private final Set<Attack> attacks;
    private final Random random;
    private final boolean alone;
    private int sent;

    /** @param alone whether no honest frame shares the connection, so that it may break */
    Flood(Set<Attack> attacks, long seed, boolean alone) {
        this.attacks = attacks;
        this.random = new Random(seed);
        this.alone = alone;
    }

    boolean has(Attack attack) {
        return attacks.contains(attack);
    }

    /** Whether pongs are left unread for a while. */
    boolean ignoresPongs() {
        return alone && has(Attack.PINGS);
    }

    /** One or more whole frames. */
    byte[] next(Symbol symbol, long timeMs) {
        int turn = sent++;
        if (turn % 1_000 == 7 && has(Attack.RESETS)) {
            return resets(symbol, timeMs);
        }
        if (turn % 1_000 == 17 && has(Attack.LEAPS)) {
            return leaps(symbol, timeMs, turn % 50_000 == 17 && turn > 1_000 ? LEAPS_AT_ONCE : 1);
        }
        if (turn % 5_000 == 27 && has(Attack.NOTICES)) {
            return HostileServer.text("{\"e\":\"serverShutdown\",\"E\":" + timeMs + "}");
        }
        if (turn % 500 == 37 && has(Attack.EMPTY_FRAGMENTS)) {
            return fragments(alone ? 20_000 : 20);
        }
        if (turn % 2_000 == 47 && has(Attack.LONG_FRAMES)) {
            return HostileServer.text("{\"e\":\"" + "x".repeat(500_000) + "\"}");
        }
        if (turn % 100 == 57 && has(Attack.DEEP_JSON)) {
            return HostileServer.text(deep(5_000));
        }
        return small();
    }

    private byte[] small() {
        List<Attack> left = new ArrayList<>(List.of(Attack.ODD_FRAMES, Attack.BINARY));
        if (alone) {
            left.add(Attack.PINGS);
        }
        left.retainAll(attacks);
        if (left.isEmpty()) {
            return new byte[0];
        }
        byte[] noise = new byte[random.nextInt(100)];
        random.nextBytes(noise);
        return switch (left.get(random.nextInt(left.size()))) {
            case PINGS -> pings(Arrays.copyOf(noise, 125));
            case BINARY -> HostileServer.frame(0x82, noise);
            default -> odd();
        };
    }

    private byte[] odd() {
        int number = random.nextInt();
        return HostileServer.text(
                switch (random.nextInt(6)) {
                    case 0 -> "no JSON " + number;
                    case 1 -> "{\"e\":\"news" + number + "\"}";
                    case 2 -> "{\"code\":" + number + ",\"msg\":\"odd\"}";
                    case 3 -> "{\"error\":{\"code\":" + number + ",\"msg\":\"odd\"},\"id\":" + number + "}";
                    case 4 -> "{\"result\":null,\"id\":" + number + "}";
                    default -> "{\"stream\":\"btcusdt@trade\",\"data\":" + number + "}";
                });
    }

    static String deep(int levels) {
        return "{\"a\":".repeat(levels) + "1" + "}".repeat(levels);
    }

    private static byte[] pings(byte[] payload) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < PINGS_AT_ONCE; i++) {
            frames.writeBytes(HostileServer.frame(0x89, payload));
        }
        return frames.toByteArray();
    }

    private static byte[] fragments(int count) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(HostileServer.frame(0x01, new byte[0]));
        for (int i = 0; i < count; i++) {
            frames.writeBytes(HostileServer.frame(0x00, new byte[0]));
        }
        frames.writeBytes(HostileServer.frame(0x80, new byte[0]));
        return frames.toByteArray();
    }

    private byte[] leaps(Symbol symbol, long timeMs, int count) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            long leapt = timeMs + (long) ((random.nextDouble() * 2 - 1) * HALF_A_DAY_MS);
            frames.writeBytes(trade(symbol, 100_000_000_000L + random.nextInt(Integer.MAX_VALUE), leapt));
        }
        return frames.toByteArray();
    }

    private byte[] resets(Symbol symbol, long timeMs) {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        int first = random.nextInt(1_000_000);
        for (int i = 0; i < 4; i++) {
            frames.writeBytes(trade(symbol, first + i, timeMs + i));
        }
        return frames.toByteArray();
    }

    private static byte[] trade(Symbol symbol, long id, long timeMs) {
        String json = Trades.json(symbol, id, timeMs).replaceFirst("\"p\":\"[^\"]*\"", FORGED);
        return HostileServer.text(
                "{\"stream\":\"" + symbol.value().toLowerCase(Locale.ROOT) + "@trade\",\"data\":" + json + "}");
    }

    /** About 8 MiB of empty objects. */
    static byte[] emptyObjects(String path) {
        String rows = "{},".repeat((8 << 20) / 3 - 100) + "{}";
        String body = path.contains("exchangeInfo") ? "{\"symbols\":[" + rows + "]}" : "[" + rows + "]";
        return body.getBytes(StandardCharsets.US_ASCII);
    }

    /** 9 kB. */
    static String nestedXml() {
        return "<Error>" + "<a>".repeat(3_000);
    }
}
