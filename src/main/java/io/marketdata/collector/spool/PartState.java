package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import java.util.Optional;

/** State of a part file, encoded in the suffix of its name. */
public enum PartState {
    /** Being appended to, or left behind by a crash. */
    OPEN(".jsonl.open"),
    /** Complete. The authority over its trades as long as it exists. */
    SEALED(".jsonl"),
    /** Half-written gzip; worthless after a crash. */
    PACKING(".jsonl.gz.tmp"),
    /** The object as it will be stored. The authority once {@link #SEALED} is gone. */
    PACKED(".jsonl.gz");

    private final String suffix;

    PartState(String suffix) {
        this.suffix = suffix;
    }

    /** The file name of {@code part} in this state. */
    public String fileName(PartName part) {
        return part + suffix;
    }

    /** The part whose file in this state is called {@code fileName}; empty for any other name. */
    public Optional<PartName> part(String fileName) {
        return fileName.endsWith(suffix)
                ? PartName.parse(fileName.substring(0, fileName.length() - suffix.length()))
                : Optional.empty();
    }
}
