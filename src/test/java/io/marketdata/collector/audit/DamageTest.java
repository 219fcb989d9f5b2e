package io.marketdata.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A thousand buckets with one random damage each: it is found, and nothing is reported that was not damaged. {@code
 * -Ddamage.runs} and {@code -Ddamage.seed} choose others.
 */
@Tag("long")
class DamageTest {

    private static final long FROM_MS = 1_736_938_800_000L; // a whole hour
    private static final Period PERIOD = new Period(FROM_MS + 600_000, FROM_MS + 1_200_000);
    private static final List<Issued> ISSUED =
            RecordedDay.issued(7_000_000, FROM_MS + 540_000, FROM_MS + 1_260_000, 2_100);

    private final Map<String, byte[]> sound = new TreeMap<>();
    private final Random random = new Random(Long.getLong("damage.seed", System.nanoTime()));

    private MemoryStore bucket = new MemoryStore();
    private Set<String> damaged = Set.of();

    private interface Damage {
        /** Damages a part of the period. */
        void doTo(String part);
    }

    DamageTest() {
        for (int i = 1; i <= 3; i++) {
            sound.putAll(new RecordedDay(Trades.BTCUSDT, "i-" + i, 2 + 4 * i)
                    .record(ISSUED, id -> false)
                    .objects());
        }
    }

    @Test
    void everyDamageIsFoundAndNoneIsInvented() throws Exception {
        long seed = random.nextLong();
        random.setSeed(seed);
        List<String> parts = sound.keySet().stream()
                .filter(key -> key.contains("/part-"))
                .filter(key -> PERIOD.contains(Long.parseLong(key.replaceAll(".*-(\\d+)\\.jsonl\\.gz", "$1"))))
                .toList();
        Map<String, Damage> damages = damages(parts);
        List<String> names = List.copyOf(damages.keySet());
        assertThat(verify(true).verdict()).isEqualTo(Verdict.INCOMPLETE);
        for (int run = 0; run < Integer.getInteger("damage.runs", 1_000); run++) {
            bucket = new MemoryStore();
            sound.forEach(bucket::plant);
            String name = names.get(run % names.size());
            String part = parts.get(random.nextInt(parts.size()));
            damaged = new HashSet<>(Set.of(part, manifestOf(part)));
            damages.get(name).doTo(part);

            DayReport report = verify(!name.startsWith("listed: "));

            String what = name + " of " + part + ", seed " + seed;
            assertThat(report.problems()).as(what).isNotEmpty();
            assertThat(report.problems()).as(what).extracting(Problem::key).allMatch(damaged::contains);
            assertThat(report.verdict()).as(what).isNotEqualTo(Verdict.COMPLETE);
            assertThat(report.ids()
                            .minus(IdRanges.of(7_000_000, 7_000_000 + ISSUED.size() - 1))
                            .isEmpty())
                    .as(what)
                    .isTrue();
        }
    }

    @Test
    void withoutDamageNothingIsReported() throws Exception {
        sound.forEach(bucket::plant);

        assertThat(verify(true).problems()).isEmpty();
        assertThat(verify(false).verdict()).isEqualTo(Verdict.COMPLETE);
    }

    private DayReport verify(boolean isDeep) throws InterruptedException {
        Verification.Options options = new Verification.Options(null, isDeep, 2);
        return new Verification(bucket, Trades.BTCUSDT, PERIOD, options, Thread::new, (what, done, total) -> {}).run();
    }

    /** By name; those that begin with {@code listed:} are found without reading the parts. */
    private Map<String, Damage> damages(List<String> parts) {
        Map<String, Damage> damages = new TreeMap<>();
        damages.put("listed: part deleted", part -> bucket.delete(part));
        damages.put("listed: manifest deleted", part -> bucket.delete(manifestOf(part)));
        damages.put("listed: both deleted", part -> {
            bucket.delete(part);
            bucket.delete(manifestOf(part));
        });
        damages.put("listed: part truncated", part -> {
            byte[] bytes = bucket.get(part);
            bucket.plant(part, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
        });
        damages.put("listed: manifest truncated", part -> {
            byte[] bytes = bucket.get(manifestOf(part));
            bucket.plant(manifestOf(part), Arrays.copyOf(bytes, random.nextInt(bytes.length - 1)));
        });
        damages.put("listed: moved to another minute", part -> {
            String folder = part.substring(0, part.lastIndexOf('/') - 2) + "03/";
            move(part, folder + part.substring(part.lastIndexOf('/') + 1));
        });
        damages.put("listed: copied under another name", part -> {
            String other = part.replace("/part-i-", "/part-j-");
            damaged.add(other);
            damaged.add(manifestOf(other));
            bucket.plant(other, bucket.get(part));
            bucket.plant(manifestOf(other), bucket.get(manifestOf(part)));
        });
        damages.put("bit flipped", part -> {
            byte[] bytes = bucket.get(part);
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            bucket.plant(part, bytes);
        });
        damages.put("bytes swapped", part -> {
            String other = parts.get((parts.indexOf(part) + 1 + random.nextInt(parts.size() - 1)) % parts.size());
            damaged.add(other);
            damaged.add(manifestOf(other));
            byte[] bytes = bucket.get(part);
            bucket.plant(part, bucket.get(other));
            bucket.plant(other, bytes);
        });
        for (String member : List.of(
                "record_count",
                "bytes_uncompressed",
                "bytes_gzip",
                "time_min_ms",
                "time_max_ms",
                "id_first",
                "id_last",
                "out_of_order")) {
            damages.put(member + " edited", part -> editNumber(part, member));
        }
        damages.put(
                "sha256 edited",
                part -> edit(part, text -> text.replaceFirst("\"sha256\":\".{4}", "\"sha256\":\"beef")));
        damages.put("listed: s3_key edited", part -> edit(part, text -> text.replaceFirst("/part-i-", "/part-k-")));
        damages.put("listed: symbol edited", part -> edit(part, text -> text.replace("\"BTCUSDT\"", "\"ETHUSDT\"")));
        damages.put(
                "listed: instance edited",
                part -> edit(part, text -> text.replace("\"instance_id\":\"i", "\"instance_id\":\"k")));
        damages.put(
                "listed: origin edited",
                part -> edit(part, text -> text.replace("\"origin\":\"stream", "\"origin\":\"rest")));
        damages.put(
                "listed: missing ids added",
                part -> edit(
                        part,
                        text -> text.replaceFirst(
                                "\"missing_ids\":\\[",
                                "\"missing_ids\":[[" + id(text, "id_first") + "," + id(text, "id_first") + "]")));
        damages.put("listed: previous edited", part -> {
            String text = new String(bucket.get(manifestOf(part)), StandardCharsets.UTF_8);
            String before = text.replaceAll("(?s).*\"previous\":\\{\"s3_key\":\"([^\"]*)\".*", "$1");
            damaged.add(before);
            int at = text.indexOf("\"previous\"");
            String after = text.substring(at).replaceFirst("\"sha256\":\".{4}", "\"sha256\":\"beef");
            bucket.plant(manifestOf(part), (text.substring(0, at) + after).getBytes(StandardCharsets.UTF_8));
        });
        return damages;
    }

    private static String manifestOf(String part) {
        return part.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json");
    }

    private void move(String part, String to) {
        bucket.plant(to, bucket.get(part));
        bucket.plant(manifestOf(to), bucket.get(manifestOf(part)));
        bucket.delete(part);
        bucket.delete(manifestOf(part));
        damaged.addAll(List.of(to, manifestOf(to)));
    }

    private static long id(String manifest, String member) {
        return Long.parseLong(manifest.replaceAll("(?s).*\"" + member + "\":(\\d+).*", "$1"));
    }

    private void editNumber(String part, String member) {
        int change = 1 + random.nextInt(50);
        boolean isLower = random.nextBoolean();
        edit(part, text -> {
            int at = text.indexOf("\"" + member + "\":") + member.length() + 3;
            int end = at;
            while (Character.isDigit(text.charAt(end))) {
                end++;
            }
            long value = Long.parseLong(text.substring(at, end));
            long edited = value > change && isLower ? value - change : value + change;
            return text.substring(0, at) + edited + text.substring(end);
        });
    }

    private void edit(String part, UnaryOperator<String> change) {
        String text = new String(bucket.get(manifestOf(part)), StandardCharsets.UTF_8);
        assertThat(change.apply(text)).isNotEqualTo(text);
        bucket.plant(manifestOf(part), change.apply(text).getBytes(StandardCharsets.UTF_8));
    }
}
