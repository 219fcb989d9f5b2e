package io.marketdata.collector.model;

import java.util.Locale;

/** The reason why a part was sealed. */
public enum RotatedBy {
    /** It reached the size limit. */
    SIZE,
    /** Its slot of trade time ended, or it reached the age limit. */
    TIME,
    /** The collector stopped normally. */
    SHUTDOWN,
    /** It was left behind by a crash or a fault. */
    RECOVERY;

    /** As written in manifests and metrics: the name in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
