package io.marketdata.collector.model;

/** Where the trades of a part came from. A part never mixes the two. */
public enum Origin {
    /** Received live over the WebSocket. */
    STREAM("stream"),
    /** Fetched afterwards over REST, to fill a gap. */
    REST("rest");

    private final String label;

    Origin(String label) {
        this.label = label;
    }

    /** The word used in manifests. */
    public String label() {
        return label;
    }
}
