package io.marketdata.collector.trade;

import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes frames that are trades in every JSON spelling, nearly trades, or broken; each is a function of its seed. */
final class FrameGenerator {

    /** Deeper and shallower than what is accepted. */
    private static final int[] DEPTHS = {1, 2, 31, 32, 33, 64, 255, 496, 497, 498, 499, 500, 501, 502, 999, 1_001, 3_000
    };

    private static final String[] IDS = {
        "0",
        "1",
        "-0",
        "-1",
        "00",
        "05",
        "+5",
        "5e3",
        "5E0",
        "5.0",
        "1e400",
        "0x5",
        "NaN",
        "null",
        "true",
        "\"5\"",
        "[5]",
        "{}",
        "2147483647",
        "2147483648",
        "4294967296",
        "9007199254740991",
        "9007199254740993",
        "999999999999999999",
        "1000000000000000000",
        "9223372036854775806",
        "9223372036854775807",
        "9223372036854775808",
        "9999999999999999999",
        "10000000000000000000",
        "18446744073709551616",
        "18446744073709551617",
        "36893488147419103232"
    };

    private static final String[] TIMES = {
        "0",
        "-1",
        "999999999999",
        "1000000000000",
        "9999999999999",
        "10000000000000",
        "999999999999999",
        "1000000000000000",
        "1787315652707123",
        "9999999999999999",
        "10000000000000000",
        "1787315652707123456",
        "1.787315652707e12",
        "1787315652707.0",
        "\"1787315652707\"",
        "null",
        "01787315652707"
    };

    private static final String[] SYMBOLS = {
        "btcusdt", "BNBUSDT", "", "BTCUSDT ", "币安人生USDT", "币安人生USD", "BTCUSDT\\u0000", "BTCUSD\\ud800"
    };

    private static final String[] NAMES = {
        "x",
        "E",
        "p",
        "M",
        "data",
        "stream",
        "result",
        "error",
        "code",
        "recv_us",
        "src",
        "",
        "é",
        "\\u0000",
        "t ",
        "tt",
        "\\ud834\\udd1e",
        "\\ud834",
        "a\\\"b"
    };

    private static final byte[][] BAD_UTF8 = {
        {(byte) 0xff},
        {(byte) 0xc0, (byte) 0xaf},
        {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        {(byte) 0xe5, (byte) 0xb8},
        {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80}
    };

    private static final byte[] ALPHABET =
            "{}[]\":,\\ \t\r\n\u0000\u00010123456789eEtTsu.-+nulé".getBytes(StandardCharsets.UTF_8);

    private static final Pattern MEMBER = Pattern.compile("\"([a-zA-Z])\":(\"[^\"]*\"|[^,}]+)");

    private final List<List<String[]>> samples = new ArrayList<>();
    private SplittableRandom random = new SplittableRandom(0);

    FrameGenerator() throws IOException {
        for (int i = 0; i < 50; i++) {
            add(Trades.json(Trades.BTCUSDT, 6_595_931_385L + i, 1_787_315_652_707L + i));
        }
        if (Samples.realFrames().isPresent()) {
            Samples.events(Samples.realFrames().get()).values().forEach(this::add);
        }
    }

    private void add(String event) {
        Matcher member = MEMBER.matcher(event);
        List<String[]> members = new ArrayList<>();
        while (member.find()) {
            members.add(new String[] {member.group(1), member.group(2)});
        }
        samples.add(members);
    }

    /** The frame of a seed. */
    byte[] frame(long seed) {
        random = new SplittableRandom(seed);
        List<String[]> members = new ArrayList<>();
        samples.get(random.nextInt(samples.size())).forEach(member -> members.add(member.clone()));
        for (int n = random.nextInt(4); n > 0; n--) {
            change(members);
        }
        int spacing = one(3) ? 2 + random.nextInt(10) : 0;
        int spelling = one(3) ? 2 + random.nextInt(20) : 0;
        String frame = object(members, spacing, spelling);
        if (one(2)) {
            frame = wrapped(frame, spacing, spelling);
        }
        frame = space(spacing) + frame + space(spacing);
        if (one(20)) {
            frame = "\ufeff" + (one(5) ? "\ufeff" : "") + frame;
        }
        return damaged(frame.getBytes(StandardCharsets.UTF_8));
    }

    private boolean one(int of) {
        return random.nextInt(of) == 0;
    }

    private String any(String[] texts) {
        return texts[random.nextInt(texts.length)];
    }

    private void change(List<String[]> members) {
        int at = random.nextInt(members.size());
        switch (random.nextInt(11)) {
            case 0 -> members.add(at, new String[] {any(NAMES), value(3)});
            case 1 -> members.add(at, members.remove(random.nextInt(members.size())));
            case 2 -> set(members, "t", any(IDS));
            case 3 -> set(members, "T", any(TIMES));
            case 4 -> set(members, "s", '"' + any(SYMBOLS) + '"');
            case 5 -> set(members, one(2) ? "e" : "E", value(1));
            case 6 ->
                members.add(at, members.get(random.nextInt(members.size())).clone());
            case 7 -> inMicroseconds(members);
            case 8 -> members.get(at)[1] = value(2);
            case 9 ->
                members.add(at, new String[] {one(2) ? "x" : "data", nested(DEPTHS[random.nextInt(DEPTHS.length)])});
            default -> {
                if (members.size() > 1) {
                    members.remove(at);
                }
            }
        }
    }

    private static void set(List<String[]> members, String name, String value) {
        members.stream().filter(member -> member[0].equals(name)).forEach(member -> member[1] = value);
    }

    private void inMicroseconds(List<String[]> members) {
        String micros = String.valueOf(1_000 + random.nextInt(1_000)).substring(1);
        for (String[] member : members) {
            if (member[0].equalsIgnoreCase("T") && member[1].matches("1\\d{12}")) {
                member[1] += micros;
            }
        }
    }

    private String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 8)) {
            case 0 -> "null";
            case 1 -> "true";
            case 2 -> "false";
            case 3 -> any(IDS);
            case 4 -> one(200) ? "1" + "0".repeat(random.nextInt(5_000)) : "-1.5e+3";
            case 5 -> '"' + "é\\u00e9x\\/\\n".repeat(random.nextInt(3)) + '"';
            case 6 -> one(200) ? '"' + "long ".repeat(random.nextInt(5_000)) + '"' : "\"\\udc00\\ud800\"";
            case 7 -> "\"trade\"";
            case 8 -> "[" + (one(4) ? "" : value(depth - 1) + (one(2) ? "" : "," + value(depth - 1))) + "]";
            default -> "{" + (one(4) ? "" : '"' + any(NAMES) + "\":" + value(depth - 1)) + "}";
        };
    }

    private String nested(int depth) {
        boolean array = one(2);
        return (array ? "[" : "{\"x\":").repeat(depth - 1)
                + (one(2) ? "[]" : "{}")
                + (array ? "]" : "}").repeat(depth - 1);
    }

    private String object(List<String[]> members, int spacing, int spelling) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < members.size(); i++) {
            String[] member = members.get(i);
            String value = member[1].startsWith("\"") && !member[1].contains("\\")
                    ? '"' + spelled(member[1].substring(1, member[1].length() - 1), spelling) + '"'
                    : member[1];
            json.append(i == 0 ? "" : ",").append(space(spacing));
            json.append('"').append(member[0].contains("\\") ? member[0] : spelled(member[0], spelling));
            json.append('"').append(space(spacing)).append(':').append(space(spacing));
            json.append(value).append(space(spacing));
        }
        return json.append('}').toString();
    }

    private String wrapped(String event, int spacing, int spelling) {
        List<String[]> members = new ArrayList<>();
        members.add(new String[] {"stream", "\"btcusdt@trade\""});
        members.add(random.nextInt(2), new String[] {"data", event});
        while (one(5)) {
            String name = one(2) ? any(NAMES) : String.valueOf("esTtE".charAt(random.nextInt(5)));
            members.add(random.nextInt(members.size() + 1), new String[] {name, value(2)});
        }
        if (one(50)) {
            members.add(new String[] {"data", one(2) ? event : value(1)});
        }
        return object(members, spacing, spelling);
    }

    /** @param rate how many strings are written as they are for each that has escapes; 0: all */
    private String spelled(String text, int rate) {
        if (rate == 0 || !one(rate)) {
            return text;
        }
        StringBuilder spelled = new StringBuilder();
        for (char c : text.toCharArray()) {
            String code = Integer.toHexString(0x10000 + c).substring(1);
            spelled.append(one(2) ? "\\u" + (one(2) ? code : code.toUpperCase(Locale.ROOT)) : String.valueOf(c));
        }
        return spelled.toString();
    }

    private String space(int rate) {
        StringBuilder space = new StringBuilder();
        while (rate != 0 && one(rate)) {
            space.append(" \t\r\n".charAt(random.nextInt(4)));
        }
        return space.toString();
    }

    private byte[] damaged(byte[] frame) {
        byte[] bytes = frame;
        for (int n = one(3) ? 1 + random.nextInt(2) : 0; n > 0; n--) {
            int at = random.nextInt(bytes.length + 1);
            byte[] one = {ALPHABET[random.nextInt(ALPHABET.length)]};
            bytes = switch (random.nextInt(8)) {
                case 0 -> spliced(bytes, at, bytes.length, new byte[0]);
                case 1 -> spliced(bytes, at, Math.min(bytes.length, at + 1), new byte[] {(byte) random.nextInt(256)});
                case 2 -> spliced(bytes, at, at, BAD_UTF8[random.nextInt(BAD_UTF8.length)]);
                case 3 -> spliced(bytes, at, Math.min(bytes.length, at + 1), new byte[0]);
                case 4 -> spliced(bytes, bytes.length, bytes.length, one);
                case 5 -> spliced(bytes, 0, 0, one);
                case 6 -> spliced(bytes, at, Math.min(bytes.length, at + 1), one);
                default -> spliced(bytes, at, at, one);
            };
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] between) {
        ByteArrayOutputStream result = new ByteArrayOutputStream(bytes.length + between.length);
        result.write(bytes, 0, from);
        result.writeBytes(between);
        result.write(bytes, to, bytes.length - to);
        return result.toByteArray();
    }
}
