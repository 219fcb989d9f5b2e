package io.marketdata.collector.model;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a file of frames that were not understood: the instance that received them, and {@code epochMs}, the wall
 * clock when the file was begun (moved if that name was taken). Fixed when the file is created, so a retry, a crash or a
 * late upload maps to the same object.
 *
 * @param epochMs milliseconds since 1970-01-01 UTC; also decides the folder ({@code dt=/HH})
 */
public record FramesName(InstanceId instance, long epochMs) implements Comparable<FramesName> {

    private static final Pattern SHAPE = Pattern.compile("frames-(.+)-(\\d{1,15})");
    private static final Comparator<FramesName> BY_TIME =
            Comparator.comparingLong(FramesName::epochMs).thenComparing(FramesName::instance);

    public FramesName {
        if (epochMs < 0) {
            throw new IllegalArgumentException("epoch_ms must not be negative, was " + epochMs);
        }
    }

    /** Reads {@code frames-<instance>-<epoch_ms>}; empty for anything else. */
    public static Optional<FramesName> parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            FramesName name = new FramesName(new InstanceId(matcher.group(1)), Long.parseLong(matcher.group(2)));
            return name.toString().equals(text) ? Optional.of(name) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public FramesName at(long otherEpochMs) {
        return new FramesName(instance, otherEpochMs);
    }

    /** {@code frames-<instance>-<epoch_ms>}, without a suffix. */
    @Override
    public String toString() {
        return "frames-" + instance + "-" + epochMs;
    }

    @Override
    public int compareTo(FramesName other) {
        return BY_TIME.compare(this, other);
    }
}
