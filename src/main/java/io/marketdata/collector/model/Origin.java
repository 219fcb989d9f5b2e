package io.marketdata.collector.model;

/** The source of the trades of a part. A part never mixes the two. */
public enum Origin {
    /** Received live over the WebSocket. */
    STREAM("stream"),
    /** Backfilled over REST. */
    REST("rest");

    private final String label;

    Origin(String label) {
        this.label = label;
    }

    /** As written in manifests. */
    public String label() {
        return label;
    }
}
