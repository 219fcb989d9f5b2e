package io.marketdata.collector.model;

import java.util.regex.Pattern;

/**
 * The name of one recording process among those that write to the same bucket. It stands in every object name, so two
 * processes with one name would fight for names (and be noticed: nothing is ever overwritten).
 *
 * @param value 1 to 64 of {@code A-Z a-z 0-9 . _ -}, first a letter or digit, not ending in {@code -rest}
 */
public record InstanceId(String value) implements Comparable<InstanceId> {

    /** What is allowed, in words fit for an error message. */
    public static final String ALLOWED =
            "1 to 64 of A-Z a-z 0-9 . _ - starting with a letter or digit, and not ending in -rest";

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public InstanceId {
        // "part-a-rest-1" must mean only one thing: the recovered part of instance "a" (see PartName).
        if (!SHAPE.matcher(value).matches() || value.endsWith("-rest")) {
            throw new IllegalArgumentException("not an instance id: must be " + ALLOWED);
        }
    }

    @Override
    public int compareTo(InstanceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
