package io.marketdata.collector.model;

import java.util.Arrays;

/**
 * Where some values of an event are, in bytes after the event's first byte, and how many line breaks it has. Reused by one thread for one event after the
 * other, like the buffer that holds the event.
 */
public final class ValueSpans {

    /** {@code E}: when the exchange sent the event. */
    public static final int EVENT_TIME = 0;

    /** {@code p}. */
    public static final int PRICE = 1;

    /** {@code q}. */
    public static final int QUANTITY = 2;

    /** {@code m}: whether the buyer was the market maker. */
    public static final int BUYER_IS_MAKER = 3;

    private static final int VALUES = 4;
    private static final int MISSING = -1;

    private final int[] from = new int[VALUES];
    private final int[] to = new int[VALUES];
    private int lineBreaks;

    /** Nothing is known of any value. */
    public ValueSpans() {
        clear();
    }

    /** Forgets everything. */
    public void clear() {
        lineBreaks = 0;
        Arrays.fill(from, MISSING);
        Arrays.fill(to, MISSING);
    }

    /**
     * Notes where a value is; a string's quotation marks belong to it.
     *
     * @param value one of the constants of this class
     */
    public void set(int value, int first, int end) {
        from[value] = first;
        to[value] = end;
    }

    /** The value's first byte, or -1 if the event has no such member. */
    public int from(int value) {
        return from[value];
    }

    /** The first byte after the value, or -1 if the event has no such member. */
    public int to(int value) {
        return to[value];
    }

    public void setLineBreaks(int count) {
        lineBreaks = count;
    }

    /** How many carriage returns and line feeds the event has; all of them are between its tokens. */
    public int lineBreaks() {
        return lineBreaks;
    }
}
