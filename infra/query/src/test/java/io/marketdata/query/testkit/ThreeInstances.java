package io.marketdata.query.testkit;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What three instances with different failures record around 2025-11-20T10:00Z. */
public final class ThreeInstances {

    public static final String DAY = "2025-11-20";
    public static final long HOUR_MS = 1_763_632_800_000L; // 10:00Z

    private ThreeInstances() {}

    /**
     * Records parts of three hours, without the trades of one second, which all instances have lost.
     *
     * @return the trades that one of them has at least
     */
    public static List<Trade> record(Path root, String symbol) throws IOException {
        RecordedBucket bucket = new RecordedBucket(root, new Symbol(symbol));
        List<Trade> issued =
                new ArrayList<>(Trade.made(4_000_000_000L, HOUR_MS - 20_000, HOUR_MS + 400_000, symbol.hashCode()));
        issued.addAll(Trade.made(
                4_000_000_000L + issued.size(), HOUR_MS + 3_580_000, HOUR_MS + 3_640_000, symbol.hashCode() + 1));
        long lostMs = issued.get(300).timeMs() / 1_000;
        List<Trade> seen = issued.stream()
                .filter(trade -> trade.timeMs() / 1_000 != lostMs)
                .toList();
        bucket.record("i-1", seen, trade -> trade.id() % 100 == 7);
        bucket.record("i-2", seen, trade -> trade.timeMs() > HOUR_MS + 90_000 && trade.timeMs() < HOUR_MS + 130_000);
        bucket.record("i-3", seen, trade -> trade.id() % 50 == 0);
        bucket.part("i-2", Origin.REST, seen.subList(120, 140));
        return seen;
    }
}
