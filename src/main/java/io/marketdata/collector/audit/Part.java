package io.marketdata.collector.audit;

import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * A part and what its manifest says of it.
 *
 * @param folder with its slash at the end
 * @param bytes its size as stored
 * @param storedMs when the store received it, ms since 1970 UTC
 * @param sha256 null without a manifest
 * @param summary null without a manifest, or without a readable one
 * @param resetAt the first id of a new sequence of the exchange, if one begins in it
 * @param ids the trades that it holds, or that it should hold
 * @param isSound whether it counts: it has no problem that a reader would suffer from
 */
public record Part(
        PartName name,
        String folder,
        long bytes,
        long storedMs,
        @Nullable Sha256 sha256,
        @Nullable PartSummary summary,
        Manifest.@Nullable Previous previous,
        @Nullable Long resetAt,
        IdRanges ids,
        boolean isSound) {

    /** Whether its trades were fetched over REST. */
    boolean isBackfilled() {
        return name.origin().isBackfilled();
    }

    /** The time of its last or first trade, ms since 1970 UTC; without a manifest what its name says. */
    long timeMs(boolean isLast) {
        return summary == null ? name.epochMs() : isLast ? summary.timeMaxMs() : summary.timeMinMs();
    }

    public String key() {
        return key(folder, name);
    }

    static String key(String folder, PartName name) {
        return folder + name + ".jsonl.gz";
    }

    String manifestKey() {
        return folder + name.manifestFileName();
    }

    /** The minute of its folder, ms since 1970 UTC. */
    long minute() {
        return name.epochMs() - name.epochMs() % Period.MINUTE_MS;
    }
}
