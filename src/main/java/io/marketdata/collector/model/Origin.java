package io.marketdata.collector.model;

import java.util.Locale;

/** The source of the trades of a part. A part never mixes the two. */
public enum Origin {
    /** Received live over the WebSocket. */
    STREAM,
    /** Backfilled over REST. */
    REST;

    /** As written in manifests: the name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
