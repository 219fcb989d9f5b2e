package io.marketdata.collector.model;

import java.util.regex.Pattern;

/**
 * The name of one collector among those that write to the same bucket. It is part of every object name, so two
 * collectors with one name would compete for object names; this is detected, because nothing is ever overwritten.
 *
 * @param value 1 to 64 of {@code A-Z a-z 0-9 . _ -}, first a letter or digit, not ending in {@code -rest} or {@code -archive}
 */
public record InstanceId(String value) implements Comparable<InstanceId> {

    /** What is allowed, for error messages. */
    public static final String ALLOWED =
            "1 to 64 of A-Z a-z 0-9 . _ - starting with a letter or digit, and not ending in -rest or -archive";

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public InstanceId {
        // "part-a-rest-1" must have one meaning only: the backfilled part of instance "a" (see PartName).
        if (!SHAPE.matcher(value).matches() || value.endsWith("-rest") || value.endsWith("-archive")) {
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
