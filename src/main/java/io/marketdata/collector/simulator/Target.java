package io.marketdata.collector.simulator;

import java.util.List;

/**
 * Selects the connections that a fault affects from those open at that moment, in the order in which they were opened.
 *
 * @param number position from the oldest, from 1; counted from the newest if negative; 0: all
 */
public record Target(int number) {

    public static final Target OLDEST = new Target(1);
    public static final Target NEWEST = new Target(-1);
    public static final Target ALL = new Target(0);

    /** The k-th oldest, from 1. */
    public static Target number(int k) {
        if (k < 1) {
            throw new IllegalArgumentException("connections are counted from 1, was " + k);
        }
        return new Target(k);
    }

    /** The selected elements; none if there are too few. */
    <T> List<T> of(List<T> oldestFirst) {
        if (number == 0) {
            return oldestFirst;
        }
        int index = number > 0 ? number - 1 : oldestFirst.size() + number;
        return index >= 0 && index < oldestFirst.size() ? List.of(oldestFirst.get(index)) : List.of();
    }

    @Override
    public String toString() {
        return switch (number) {
            case 0 -> "all";
            case 1 -> "oldest";
            case -1 -> "newest";
            default -> Integer.toString(number);
        };
    }
}
