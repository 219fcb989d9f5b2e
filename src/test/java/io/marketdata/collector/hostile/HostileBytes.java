package io.marketdata.collector.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Makes inputs that no honest writer makes: damaged copies of valid ones, and ones that grow where a reader grows. */
final class HostileBytes {

    /** Made when it is needed, because each may have many MiB. */
    interface Maker {
        byte[] make() throws IOException;
    }

    /** An input with a name for the report. */
    record Case(String name, Maker maker) {}

    private static final int DAMAGED_COPIES = 40;
    private static final int BOMB_BYTES = 64 << 20;

    private final List<byte[]> valid;
    private final int most;
    private final Random random;
    private final List<Case> cases = new ArrayList<>();

    /** @param most bytes of the largest input that the reader's caller lets through */
    private HostileBytes(List<byte[]> valid, int most, Random random) {
        this.valid = valid;
        this.most = most;
        this.random = random;
    }

    static List<Case> of(List<byte[]> valid, int most, Random random) {
        HostileBytes bytes = new HostileBytes(valid, most, random);
        bytes.fills();
        bytes.json();
        bytes.xml();
        bytes.yaml();
        bytes.compressed();
        valid.forEach(bytes::damaged);
        valid.forEach(bytes::injected);
        return bytes.cases;
    }

    private void add(String name, Maker maker) {
        cases.add(new Case(name, maker));
    }

    /** Start, one unit as often as it fits, end. */
    private void fill(String name, String start, String unit, String end) {
        add(name, () -> filled(start, unit, end, most));
    }

    private static byte[] filled(String start, String unit, String end, int bytes) {
        byte[] from = start.getBytes(StandardCharsets.ISO_8859_1);
        byte[] each = unit.getBytes(StandardCharsets.ISO_8859_1);
        byte[] to = end.getBytes(StandardCharsets.ISO_8859_1);
        int count = Math.max(1, (bytes - from.length - to.length) / each.length);
        byte[] all = Arrays.copyOf(from, from.length + count * each.length + to.length);
        for (int i = 0; i < count; i++) {
            System.arraycopy(each, 0, all, from.length + i * each.length, each.length);
        }
        System.arraycopy(to, 0, all, all.length - to.length, to.length);
        return all;
    }

    private void fills() {
        add("nothing", () -> new byte[0]);
        for (String unit :
                List.of("\0", "\u00ff", "\u00c3", " ", "\n", "\r\n", "9", "\"", "\\", "a", "=", ",", "-1", "#\n")) {
            String name = unit.chars().mapToObj(Integer::toHexString).toList().toString();
            fill("only " + name, "", unit, "");
        }
        add("random", () -> {
            byte[] noise = new byte[Math.min(most, 1 << 20)];
            random.nextBytes(noise);
            return noise;
        });
    }

    private void json() {
        fill("open arrays", "", "[", "");
        fill("open objects", "", "{\"a\":", "");
        fill("nested arrays", "", "[", "]".repeat(Math.min(most / 2, 100_000)));
        fill("empty objects", "[", "{},", "{}]\n");
        fill("empty arrays", "[", "[],", "[]]\n");
        fill("nulls", "[", "null,", "null]\n");
        fill("one-digit numbers", "[", "1,", "1]\n");
        fill("long numbers", "[", "1234567890123456789012345678901234567890.5e-3,", "1]\n");
        fill("one number", "{\"t\":", "9", "}\n");
        fill("one name", "{\"", "n", "\":1}\n");
        fill("one string", "{\"s\":\"", "x", "\"}\n");
        fill("escapes", "{\"s\":\"", "\\u0000", "\"}\n");
        fill("same members", "{", "\"a\":{},", "\"a\":1}\n");
        for (String number : List.of("1e999999999", "-1e-999999999", "9".repeat(999), "0x1p3", "NaN", "-0", "1.")) {
            add(
                    "number " + number.substring(0, Math.min(12, number.length())),
                    () -> ("{\"t\":" + number + ",\"version\":" + number + "}\n").getBytes(StandardCharsets.US_ASCII));
        }
        add("many members", () -> {
            StringBuilder members = new StringBuilder("{");
            for (int i = 0; members.length() < Math.min(most, 4 << 20) - 20; i++) {
                members.append("\"m").append(i).append("\":0,");
            }
            return members.append("\"e\":0}\n").toString().getBytes(StandardCharsets.US_ASCII);
        });
    }

    private void xml() {
        fill("nested elements", "<Error>", "<a>", "");
        fill("sibling elements", "<Error>", "<a/>", "</Error>");
        fill("attributes", "<Error ", "a='1' ", "/>");
        fill("one long text", "<Error><Code>", "x", "</Code></Error>");
        fill("comments", "<Error>", "<!---->", "</Error>");
        fill("entities", "<Error><Code>", "&amp;", "</Code></Error>");
        StringBuilder laughs = new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE Error [<!ENTITY a0 \"ha\">");
        for (int i = 1; i < 40; i++) {
            laughs.append("<!ENTITY a")
                    .append(i)
                    .append(" \"")
                    .append(("&a" + (i - 1) + ";").repeat(10))
                    .append("\">");
        }
        laughs.append("]><Error><Code>&a39;</Code></Error>");
        add("billion laughs", () -> laughs.toString().getBytes(StandardCharsets.US_ASCII));
        add(
                "external entity",
                () -> "<!DOCTYPE Error [<!ENTITY x SYSTEM \"file:///dev/zero\">]><Error><Code>&x;</Code></Error>"
                        .getBytes(StandardCharsets.US_ASCII));
    }

    private void yaml() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 20; i++) {
            laughs.append(
                    String.format(Locale.ROOT, "a%d: &a%d [%s*a%d]%n", i, i, ("*a" + (i - 1) + ", ").repeat(9), i - 1));
        }
        add("YAML laughs", () -> laughs.toString().getBytes(StandardCharsets.US_ASCII));
        add("YAML recursion", () -> "a: &a [*a]\n<<: *a\n".getBytes(StandardCharsets.US_ASCII));
        add(
                "YAML type",
                () -> "a: !!javax.script.ScriptEngineManager [!!java.net.URL [\"http://127.0.0.1:1\"]]\n"
                        .getBytes(StandardCharsets.US_ASCII));
        fill("open blocks", "", "- ", "x\n");
        fill("open maps", "", "? ", "x\n");
        fill("documents", "", "---\n", "");
        fill("anchors", "a: ", "&a ", "1\n");
    }

    private void compressed() {
        add("bomb of zeros", () -> bomb(new byte[1 << 16]));
        add("bomb of lines", () -> bomb(filled("", "\n", "", 1 << 16)));
        for (byte[] one : valid) {
            add("compressed", () -> gzip(one));
            add("bomb of valid content", () -> bomb(Arrays.copyOf(one, Math.max(1, one.length))));
        }
    }

    private byte[] bomb(byte[] unit) throws IOException {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(target, 1 << 15)) {
            for (int left = BOMB_BYTES; left > 0 && target.size() < most; left -= unit.length) {
                gzip.write(unit);
            }
        }
        return target.toByteArray();
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream target = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(target)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return target.toByteArray();
    }

    private void damaged(byte[] one) {
        for (int i = 0; i < DAMAGED_COPIES && one.length > 0; i++) {
            int at = random.nextInt(one.length);
            int bit = 1 << random.nextInt(8);
            add("cut at " + at, () -> Arrays.copyOf(one, at));
            add("bit " + bit + " of byte " + at, () -> {
                byte[] copy = one.clone();
                copy[at] ^= (byte) bit;
                return copy;
            });
            add("zeros from " + at, () -> {
                byte[] copy = one.clone();
                Arrays.fill(copy, at, copy.length, (byte) 0);
                return copy;
            });
        }
        add("twice", () -> {
            byte[] copy = Arrays.copyOf(one, 2 * one.length);
            System.arraycopy(one, 0, copy, one.length, one.length);
            return copy;
        });
    }

    /** Another value after each separator of a valid text. */
    private void injected(byte[] one) {
        String text = new String(one, StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
            String head = text.substring(0, at + 1);
            String tail = text.substring(at + 1);
            String rest = tail.replaceFirst("^ ?(\"[^\"]*\"|[^,}\\]\\n]*)", "");
            for (String value : List.of("null", "{}", "[]", "-1", "9999999999999999999999", "\"\"", "true", "1e400")) {
                add(value + " at " + at, () -> (head + value + rest).getBytes(StandardCharsets.ISO_8859_1));
            }
            add("deep at " + at, () -> filled(head, "[", rest, Math.min(most, 20_000)));
            add("long at " + at, () -> filled(head + '"', "x", '"' + rest, most));
            add("many at " + at, () -> filled(head + '[', "{},", "{}]" + rest, most));
        }
    }
}
