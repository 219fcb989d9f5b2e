package io.marketdata.query.testkit;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;

/** Writes parts and manifests below a directory, as an instance of the collector would have uploaded them. */
public final class RecordedBucket {

    private final Path root;
    private final Symbol symbol;
    private final long partMs;
    private final Set<PartName> names = new HashSet<>();

    public RecordedBucket(Path root, Symbol symbol) {
        this(root, symbol, 5_000);
    }

    /** A part begins with each multiple of {@code partMs}. */
    public RecordedBucket(Path root, Symbol symbol, long partMs) {
        this.root = root;
        this.symbol = symbol;
        this.partMs = partMs;
    }

    public Path root() {
        return root;
    }

    /** Records trades in parts of five seconds by default, without those that are missed. Returns the keys of the parts. */
    public List<String> record(String instance, List<Trade> trades, Predicate<Trade> isMissed) throws IOException {
        List<String> keys = new ArrayList<>();
        List<Trade> part = new ArrayList<>();
        for (Trade trade : trades) {
            if (isMissed.test(trade)) {
                continue;
            }
            if (!part.isEmpty() && part.get(0).timeMs() / partMs != trade.timeMs() / partMs) {
                keys.add(part(instance, Origin.STREAM, part));
                part.clear();
            }
            part.add(trade);
        }
        if (!part.isEmpty()) {
            keys.add(part(instance, Origin.STREAM, part));
        }
        return keys;
    }

    /** Records one part. */
    public String part(String instance, Origin origin, List<Trade> trades) throws IOException {
        StringBuilder lines = new StringBuilder();
        trades.forEach(trade -> lines.append(line(trade, origin)).append('\n'));
        return part(instance, origin, trades, gzip(lines.toString()), lines.length());
    }

    /** Records a part with other bytes than its trades; the manifest has their digest. */
    public String part(String instance, Origin origin, List<Trade> trades, byte[] gzip, long bytes) throws IOException {
        PartName name =
                new PartName(new InstanceId(instance), origin, trades.get(0).timeMs());
        while (!names.add(name)) {
            name = name.at(name.epochMs() + 1);
        }
        String key = KeyLayout.part(symbol, name);
        List<IdRange> missing = new ArrayList<>();
        for (int i = 1; i < trades.size(); i++) {
            if (trades.get(i).id() > trades.get(i - 1).id() + 1) {
                missing.add(
                        new IdRange(trades.get(i - 1).id() + 1, trades.get(i).id() - 1));
            }
        }
        Trade last = trades.get(trades.size() - 1);
        PartSummary summary = new PartSummary(
                trades.size(),
                bytes,
                trades.get(0).timeMs(),
                last.timeMs(),
                trades.get(0).id(),
                last.id());
        Manifest manifest = new Manifest(
                new Manifest.Source("binance", "trade", symbol, new InstanceId(instance)),
                new Manifest.Payload(key, summary, gzip.length, Sha256.of(gzip)),
                last.timeMs() + 300,
                new Manifest.Quality(missing, 0, 0, 0, RotatedBy.TIME, origin, null),
                null,
                new Manifest.Software("0.1.0", "17"));
        write(key, gzip);
        write(KeyLayout.manifest(symbol, name), ManifestJson.write(manifest));
        return key;
    }

    /** A line as the collector stores it. */
    public String line(Trade trade, Origin origin) {
        boolean isStream = origin == Origin.STREAM;
        return "{\"e\":\"trade\"," + (isStream ? "\"E\":" + (trade.timeMs() + 1) + "," : "") + "\"s\":\"" + symbol
                + "\",\"t\":"
                + trade.id() + ",\"p\":\"" + trade.price() + "\",\"q\":\"" + trade.quantity() + "\",\"T\":"
                + trade.timeMs() + ",\"m\":" + trade.buyerIsMaker() + ",\"M\":true"
                + (isStream ? "" : ",\"src\":\"rest\"") + ",\"recv_us\":" + (trade.timeMs() * 1_000 + 41_234) + "}";
    }

    public void write(String key, byte[] bytes) throws IOException {
        Path file = root.resolve(key);
        Files.createDirectories(file.resolveSibling("."));
        Files.write(file, bytes);
    }

    public static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(stored)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return stored.toByteArray();
    }
}
