package io.marketdata.collector.model;

/** What sealed a part. */
public enum RotatedBy {
    /** It had reached the size limit. */
    SIZE("size"),
    /** Its slot of trade time, or its age, was over. */
    TIME("time"),
    /** The program stopped in good order. */
    SHUTDOWN("shutdown"),
    /** It was found after a crash or a fault. */
    RECOVERY("recovery");

    private final String label;

    RotatedBy(String label) {
        this.label = label;
    }

    /** The word used in manifests and metrics. */
    public String label() {
        return label;
    }
}
