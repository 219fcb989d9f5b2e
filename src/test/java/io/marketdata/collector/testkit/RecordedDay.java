package io.marketdata.collector.testkit;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** What an instance would put into a bucket, made without running one: parts with their manifests, as keys and bytes. */
public final class RecordedDay {

    private final Symbol symbol;
    private final InstanceId instance;
    private final long slotMs;
    private final TreeMap<String, byte[]> objects = new TreeMap<>();
    private final Set<PartName> names = new HashSet<>();

    private Manifest.@Nullable Previous previous;
    private long highest = -1;

    /** A trade that the exchange issued. */
    public record Issued(long id, long timeMs) {}

    /** @param slotSecs as ROT_SECS: where this instance cuts its parts */
    public RecordedDay(Symbol symbol, String instance, int slotSecs) {
        this.symbol = symbol;
        this.instance = new InstanceId(instance);
        this.slotMs = 1_000L * slotSecs;
    }

    /** Trades at equal distances, from a first id and a time on. */
    public static List<Issued> issued(long firstId, long fromMs, long toMs, long everyMs) {
        List<Issued> issued = new ArrayList<>();
        for (long ms = fromMs; ms < toMs; ms += everyMs) {
            issued.add(new Issued(firstId + issued.size(), ms));
        }
        return issued;
    }

    /** Records the trades; those that {@code isMissed} names are missing. */
    public RecordedDay record(Collection<Issued> issued, LongPredicate isMissed) {
        List<Issued> part = new ArrayList<>();
        for (Issued trade : issued) {
            if (isMissed.test(trade.id())) {
                continue;
            }
            if (!part.isEmpty() && slot(part.get(0)) != slot(trade)) {
                seal(part, Origin.STREAM);
                part.clear();
            }
            part.add(trade);
        }
        if (!part.isEmpty()) {
            seal(part, Origin.STREAM);
        }
        return this;
    }

    /** Parts never cross a minute either. */
    private long slot(Issued trade) {
        return trade.timeMs() / 60_000 * 1_000 + trade.timeMs() % 60_000 / slotMs;
    }

    /** One part that was backfilled. */
    public RecordedDay backfill(List<Issued> trades) {
        seal(trades, Origin.REST);
        return this;
    }

    private void seal(List<Issued> trades, Origin origin) {
        PartName name = new PartName(instance, origin, trades.get(0).timeMs());
        while (!names.add(name)) {
            name = name.at(name.epochMs() + 1);
        }
        StringBuilder lines = new StringBuilder();
        trades.forEach(trade -> lines.append(line(trade, origin)).append('\n'));
        byte[] gzip = gzip(lines.toString().getBytes(StandardCharsets.UTF_8));
        long first = trades.get(0).id();
        long last = trades.get(trades.size() - 1).id();
        List<IdRange> missing = new ArrayList<>();
        long expected = origin == Origin.STREAM && highest >= 0 ? highest + 1 : first;
        for (Issued trade : trades) {
            if (trade.id() > expected) {
                missing.add(new IdRange(expected, trade.id() - 1));
            }
            expected = trade.id() + 1;
        }
        String key = KeyLayout.part(symbol, name);
        long timeMaxMs = trades.get(trades.size() - 1).timeMs();
        PartSummary summary =
                new PartSummary(trades.size(), lines.length(), trades.get(0).timeMs(), timeMaxMs, first, last);
        Sha256 sha256 = Sha256.of(gzip);
        Manifest manifest = new Manifest(
                new Manifest.Source("binance", "trade", symbol, instance),
                new Manifest.Payload(key, summary, gzip.length, sha256),
                timeMaxMs + 300,
                new Manifest.Quality(missing, 0, 0, 0, RotatedBy.TIME, origin, null),
                previous,
                new Manifest.Software("0.1.0", "17"));
        objects.put(key, gzip);
        objects.put(KeyLayout.manifest(symbol, name), ManifestJson.write(manifest));
        if (origin == Origin.STREAM) {
            previous = new Manifest.Previous(key, sha256, last);
            highest = last;
        }
    }

    private String line(Issued trade, Origin origin) {
        String event = origin == Origin.STREAM ? "\"E\":" + (trade.timeMs() + 2) + "," : "";
        String source = origin == Origin.STREAM ? "" : ",\"src\":\"" + origin.label() + "\"";
        return "{\"e\":\"trade\"," + event + "\"s\":\"" + symbol + "\",\"t\":" + trade.id() + ",\"p\":\""
                + price(trade) + "\",\"q\":\"" + quantity(trade) + "\",\"T\":"
                + trade.timeMs() + ",\"m\":" + buyerIsMaker(trade) + ",\"M\":true" + source + ",\"recv_us\":"
                + (trade.timeMs() + 40) * 1_000 + "}";
    }

    public static String price(Issued trade) {
        return "9" + trade.id() % 10_000 + ".50000000";
    }

    public static String quantity(Issued trade) {
        return "0.00" + trade.id() % 1_000 + "00";
    }

    public static boolean buyerIsMaker(Issued trade) {
        return trade.id() % 2 == 0;
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(stored)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stored.toByteArray();
    }

    /** Keys and bytes. */
    public TreeMap<String, byte[]> objects() {
        return objects;
    }

    /** Puts all objects into a bucket. */
    public RecordedDay writeTo(MemoryStore bucket) {
        objects.forEach(bucket::plant);
        return this;
    }

    /** Writes all objects below a directory, as a bucket. */
    public RecordedDay writeTo(Path bucket) throws IOException {
        for (var object : objects.entrySet()) {
            Path file = bucket.resolve(object.getKey());
            Files.createDirectories(file.resolve("..").normalize());
            Files.write(file, object.getValue());
        }
        return this;
    }
}
