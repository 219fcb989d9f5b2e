package io.marketdata.query.testkit;

import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Writes days for measurements: frames in a loop until midnight, by three instances with different failures. */
public final class DayOfThreeInstances {

    private static final long HOUR_MS = 3_600_000;

    /** A whole number of parts, in a whole part of an hour: no part is in two loops or in two hours. */
    private static final long LOOP_MS = 600_000;

    private final RecordedBucket bucket;
    private final List<Trade> tape;
    private long id = 4_000_000_000L;

    /**
     * Days follow one another with consecutive ids.
     *
     * @param tape trades of 600 s or more
     */
    public DayOfThreeInstances(RecordedBucket bucket, List<Trade> tape) {
        this.bucket = bucket;
        this.tape = List.copyOf(tape);
    }

    /** Writes the day 2025-11-20. Arguments: the file of frames, the bucket's directory, and the number of hours. */
    public static void main(String[] arguments) throws IOException {
        RecordedBucket bucket = new RecordedBucket(Path.of(arguments[1]), new Symbol("BTCUSDT"));
        new DayOfThreeInstances(bucket, Trade.frames(Path.of(arguments[0])))
                .write(LocalDate.of(2025, 11, 20), Integer.parseInt(arguments[2]));
    }

    /** Writes the first hours of a UTC day, and returns how many trades they have. */
    public long write(LocalDate day, int hours) throws IOException {
        long firstId = id;
        long dayMs = day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        long toMs = dayMs + hours * HOUR_MS;
        long beganMs = tape.get(0).timeMs();
        for (long startMs = dayMs; startMs < toMs; startMs += LOOP_MS) {
            List<Trade> loop = new ArrayList<>();
            for (Trade trade : tape) {
                long timeMs = startMs + trade.timeMs() - beganMs;
                if (timeMs < Math.min(toMs, startMs + LOOP_MS)) {
                    loop.add(new Trade(id++, timeMs, trade.price(), trade.quantity(), trade.buyerIsMaker()));
                }
            }
            bucket.record("i-1", loop, trade -> false);
            bucket.record(
                    "i-2", loop, trade -> trade.timeMs() >= dayMs + 37_000_000 && trade.timeMs() < dayMs + 37_090_000);
            bucket.record("i-3", loop, trade -> trade.id() % 20_000 == 0);
        }
        return id - firstId;
    }
}
