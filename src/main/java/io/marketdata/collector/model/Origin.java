package io.marketdata.collector.model;

import java.util.Locale;

/** The source of the trades of a part. A part never mixes two. */
public enum Origin {
    /** Received live over the WebSocket. */
    STREAM,
    /** Backfilled over REST. */
    REST,
    /** Backfilled from the exchange's own file of a day. */
    ARCHIVE;

    /** Whether the trades were added later, from another source than the stream. */
    public boolean isBackfilled() {
        return this != STREAM;
    }

    /** As written in manifests, in names of backfilled parts and in their lines: the name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
