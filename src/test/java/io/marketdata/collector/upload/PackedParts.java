package io.marketdata.collector.upload;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.model.Manifest.Quality;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Manifest.Source;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Packed parts with their manifests as an earlier run leaves them: one trade each, 5 s apart. */
final class PackedParts {

    static final InstanceId INSTANCE = new InstanceId("local-001");

    /** The usual time between two parts, ms. */
    static final long STEP_MS = 5_000;

    private final Symbol symbol;
    private final long firstMs;
    private final byte[] line;
    private final byte[] gzip;

    /** @param firstMs the time of the first part */
    PackedParts(Symbol symbol, long firstMs) throws IOException {
        this.symbol = symbol;
        this.firstMs = firstMs;
        this.line = Trades.line(100, firstMs).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream out = Gzip.compressing(compressed, 6)) {
            out.write(line);
        }
        this.gzip = compressed.toByteArray();
    }

    PartName name(int number) {
        return new PartName(INSTANCE, Origin.STREAM, firstMs + STEP_MS * number);
    }

    /** Whether it is one of the first {@code count}. */
    boolean holds(PartName name, int count) {
        long after = name.epochMs() - firstMs;
        return after >= 0 && after % STEP_MS == 0 && after / STEP_MS < count;
    }

    byte[] gzip() {
        return gzip.clone();
    }

    byte[] manifest(PartName name) {
        return ManifestJson.write(new Manifest(
                new Source("binance", "trade", symbol, INSTANCE),
                new Payload(
                        KeyLayout.part(symbol, name),
                        new PartSummary(1, line.length, firstMs, firstMs, 100, 100),
                        gzip.length,
                        Sha256.of(gzip)),
                firstMs,
                new Quality(List.of(), 0, 0, 0, RotatedBy.TIME, Origin.STREAM, null),
                null,
                new Software("test", "17")));
    }

    Checkpoint checkpoint(int count) {
        PartName newest = name(count - 1);
        return new Checkpoint(
                newest.epochMs(),
                KeyLayout.part(symbol, newest),
                Sha256.of(gzip),
                100,
                100,
                firstMs + count,
                List.of(),
                List.of());
    }
}
