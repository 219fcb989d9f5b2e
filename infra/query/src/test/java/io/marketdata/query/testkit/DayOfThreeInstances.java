package io.marketdata.query.testkit;

import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a day for measurements: recorded frames in a loop until midnight, by three instances with different failures.
 * Arguments: the file of frames, the bucket's directory, and the number of hours.
 */
public final class DayOfThreeInstances {

    private static final long DAY_MS = 1_763_596_800_000L; // 2025-11-20

    private DayOfThreeInstances() {}

    /** Writes it. */
    public static void main(String[] arguments) throws IOException {
        List<Trade> tape = Trade.frames(Path.of(arguments[0]));
        RecordedBucket bucket = new RecordedBucket(Path.of(arguments[1]), new Symbol("BTCUSDT"));
        long toMs = DAY_MS + Long.parseLong(arguments[2]) * 3_600_000;
        long beganMs = tape.get(0).timeMs();
        // A whole number of slots, so that each loop has its own parts.
        long loopMs = 650_000;
        long id = 4_000_000_000L;
        for (long startMs = DAY_MS; startMs < toMs; startMs += loopMs) {
            List<Trade> loop = new ArrayList<>();
            for (Trade trade : tape) {
                long timeMs = startMs + trade.timeMs() - beganMs;
                if (timeMs < Math.min(toMs, startMs + loopMs)) {
                    loop.add(new Trade(id++, timeMs, trade.price(), trade.quantity(), trade.buyerIsMaker()));
                }
            }
            bucket.record("i-1", loop, trade -> false);
            bucket.record(
                    "i-2",
                    loop,
                    trade -> trade.timeMs() >= DAY_MS + 37_000_000 && trade.timeMs() < DAY_MS + 37_090_000);
            bucket.record("i-3", loop, trade -> trade.id() % 20_000 == 0);
        }
    }
}
