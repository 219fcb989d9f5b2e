package io.marketdata.collector.model;

/**
 * A closed range of trade ids.
 *
 * @param first the least id, not negative
 * @param last the greatest id, not below {@code first}
 */
public record IdRange(long first, long last) {

    public IdRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("not a range of trade ids: " + first + " to " + last);
        }
    }

    /** How many ids the range holds. */
    public long count() {
        return last - first + 1;
    }
}
