package io.marketdata.collector.model;

import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a part: the instance that wrote it, the source of its trades, and {@code epochMs}, the trade time of its
 * first trade (moved if that name was taken). Fixed when the file is created and never computed again, so a retry, a crash
 * or a late upload always maps to the same object.
 *
 * @param epochMs milliseconds since 1970-01-01 UTC; also decides the folder ({@code dt=/HH/MM})
 */
public record PartName(InstanceId instance, Origin origin, long epochMs) implements Comparable<PartName> {

    private static final Pattern SHAPE = Pattern.compile("part-(.+?)(?:-(rest|archive))?-(\\d{1,15})");
    private static final Comparator<PartName> BY_TIME = Comparator.comparingLong(PartName::epochMs)
            .thenComparing(PartName::origin)
            .thenComparing(PartName::instance);

    public PartName {
        if (epochMs < 0) {
            throw new IllegalArgumentException("epoch_ms must not be negative, was " + epochMs);
        }
    }

    /**
     * Reads {@code part-<instance>-<epoch_ms>}, or {@code part-<instance>-rest-<epoch_ms>} and the like; empty for anything
     * else.
     */
    public static Optional<PartName> parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            String label = matcher.group(2);
            Origin origin = label == null ? Origin.STREAM : Origin.valueOf(label.toUpperCase(Locale.ROOT));
            PartName name = new PartName(new InstanceId(matcher.group(1)), origin, Long.parseLong(matcher.group(3)));
            return name.toString().equals(text) ? Optional.of(name) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public PartName at(long otherEpochMs) {
        return new PartName(instance, origin, otherEpochMs);
    }

    /** {@code part-<instance>-<epoch_ms>}, without a suffix. */
    @Override
    public String toString() {
        return "part-" + tail();
    }

    /** {@code manifest-<instance>-<epoch_ms>.json}: the manifest beside the part. */
    public String manifestFileName() {
        return "manifest-" + tail() + ".json";
    }

    private String tail() {
        return instance + (origin.isBackfilled() ? "-" + origin.label() + "-" : "-") + epochMs;
    }

    @Override
    public int compareTo(PartName other) {
        return BY_TIME.compare(this, other);
    }
}
