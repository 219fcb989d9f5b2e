package io.marketdata.collector.model;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * The ids that a {@link SequenceTracker} does not believe yet, and what may become evidence for them: which connection
 * delivered each, and the last run of consecutive ids of each connection. Bounded. One thread at a time.
 */
final class Doubts {

    /** Ids that another connection or REST may still confirm; beyond, the oldest are forgotten. */
    private static final int MAX_IDS = 64;

    private final Map<Long, Doubt> ids = new LinkedHashMap<>();
    private final Map<Integer, Run> runs = new HashMap<>();

    private record Doubt(int connection, long tradeTimeMs) {}

    /**
     * Ids that one connection delivered directly after one another, with trade times that do not fall.
     *
     * @param first the least of them
     * @param length their number
     */
    record Run(long first, long last, long lastTimeMs, int length) {}

    boolean isEmpty() {
        return ids.isEmpty() && runs.isEmpty();
    }

    /** Whether there are ids that REST could confirm. */
    boolean hasIds() {
        return !ids.isEmpty();
    }

    boolean contains(long id) {
        return ids.containsKey(id);
    }

    /** Whether another connection than this one has delivered the id. */
    boolean isOfAnother(long id, int connection) {
        Doubt doubt = ids.get(id);
        return doubt != null && doubt.connection != connection;
    }

    /** The run of a connection if the trade continues it, or the trade alone. */
    Run runWith(long id, long tradeTimeMs, int connection) {
        Run run = runs.get(connection);
        return run != null && id == run.last + 1 && tradeTimeMs >= run.lastTimeMs
                ? new Run(run.first, id, tradeTimeMs, run.length + 1)
                : new Run(id, id, tradeTimeMs, 1);
    }

    /** @param inRun whether the trade may be part of a run; otherwise it ends the connection's */
    void add(long id, long tradeTimeMs, int connection, boolean inRun) {
        if (inRun) {
            runs.put(connection, runWith(id, tradeTimeMs, connection));
        } else {
            endRun(connection);
        }
        ids.putIfAbsent(id, new Doubt(connection, tradeTimeMs));
        if (ids.size() > MAX_IDS) {
            ids.remove(ids.keySet().iterator().next());
        }
    }

    /** The connection has delivered an id that is not in doubt. */
    void endRun(int connection) {
        runs.remove(connection);
    }

    void remove(IdRange range) {
        ids.keySet().removeIf(id -> id >= range.first() && id <= range.last());
    }

    /** REST has not confirmed them; runs may go on. */
    void forgetIds() {
        ids.clear();
    }

    void clear() {
        ids.clear();
        runs.clear();
    }

    /** Chooses ids. */
    @FunctionalInterface
    interface Filter {
        boolean test(long id, long tradeTimeMs);
    }

    LongStream ids(Filter filter) {
        return ids.entrySet().stream()
                .filter(doubt -> filter.test(doubt.getKey(), doubt.getValue().tradeTimeMs))
                .mapToLong(Map.Entry::getKey);
    }
}
