package io.marketdata.collector.model;

/** The reason why a part was sealed. */
public enum RotatedBy {
    /** It reached the size limit. */
    SIZE("size"),
    /** Its slot of trade time ended, or it reached the age limit. */
    TIME("time"),
    /** The collector stopped normally. */
    SHUTDOWN("shutdown"),
    /** It was left behind by a crash or a fault. */
    RECOVERY("recovery");

    private final String label;

    RotatedBy(String label) {
        this.label = label;
    }

    /** As written in manifests and metrics. */
    public String label() {
        return label;
    }
}
