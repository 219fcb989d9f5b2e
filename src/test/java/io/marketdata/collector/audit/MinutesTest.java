package io.marketdata.collector.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.Minutes.Held;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Twelve minutes with a trade a second; ids from 1,000 on. */
class MinutesTest {

    private static final long FROM_MS = Period.day(LocalDate.of(2025, 1, 15)).fromMs();
    private static final Period PERIOD = new Period(FROM_MS, FROM_MS + 12 * Period.MINUTE_MS);
    private static final List<Issued> ISSUED = RecordedDay.issued(1_000, FROM_MS, PERIOD.toMs(), 1_000);

    private final MemoryStore bucket = new MemoryStore();

    private DayReport verify() throws InterruptedException {
        Verification.Options options = new Verification.Options(null, true, 2);
        return new Verification(bucket, Trades.BTCUSDT, PERIOD, options, Thread::new, (what, done, total) -> {}).run();
    }

    private static String letters(List<Held> minutes) {
        return minutes.stream().map(held -> String.valueOf(held.letter())).collect(Collectors.joining());
    }

    private static String letters(Minutes minutes, String instance) {
        return letters(minutes.instances().getOrDefault(new InstanceId(instance), List.of()));
    }

    private static boolean isMinute(long id, int minute) {
        return (id - 1_000) / 60 == minute;
    }

    private static List<Issued> minute(int minute) {
        return ISSUED.stream().filter(trade -> isMinute(trade.id(), minute)).toList();
    }

    @Test
    void everyMinuteOfEveryInstanceSaysWhatIsHeld() throws Exception {
        // Both miss minute 2 and a bit of minute 5; i-1 alone minute 8; minute 7 was backfilled.
        new RecordedDay(Trades.BTCUSDT, "i-1", 5)
                .record(ISSUED, id -> isMinute(id, 2) || id == 1_330 || isMinute(id, 7) || isMinute(id, 8))
                .writeTo(bucket);
        new RecordedDay(Trades.BTCUSDT, "i-2", 60)
                .record(ISSUED, id -> isMinute(id, 2) || id == 1_330 || isMinute(id, 7))
                .backfill(minute(7))
                .writeTo(bucket);
        bucket.keys().stream()
                .filter(key -> key.contains("/00/10/part-i-1-"))
                .limit(1)
                .toList()
                .forEach(key -> bucket.plant(key, new byte[10]));

        DayReport report = verify();
        Minutes minutes = Minutes.of(report);

        assertThat(letters(minutes.all())).isEqualTo("hpmphphbhhdh");
        assertThat(letters(minutes, "i-1")).isEqualTo("hpmphphmmhdh");
        assertThat(letters(minutes, "i-2")).isEqualTo("hpmphphbhhhh");
        assertThat(minutes.trades().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(report.ids().count());
        assertThat(minutes.trades()).containsExactly(60L, 60L, 0L, 60L, 60L, 59L, 60L, 60L, 60L, 60L, 60L, 60L);
        assertThat(Fill.longest(report, 10))
                .containsExactly(new Fill(
                        new IdRange(1_420, 1_479),
                        minute(7).get(0).timeMs(),
                        minute(7).get(59).timeMs(),
                        List.of(new InstanceId("i-2"))));
    }

    @Test
    void minutesWithoutTradesAreQuietBetweenTradesAndUnknownBeyondThem() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 5)
                .record(List.of(new Issued(7, FROM_MS + 3 * 60_000), new Issued(8, FROM_MS + 6 * 60_000)), id -> false)
                .writeTo(bucket);

        assertThat(letters(Minutes.of(verify()).all())).isEqualTo("uuuhqqhuuuuu");
    }

    @Test
    void nothingIsKnownOfABucketWithoutParts() throws Exception {
        assertThat(letters(Minutes.of(verify()).all())).isEqualTo("u".repeat(12));
    }

    /** The ids of a part of five minutes are spread evenly. */
    @Test
    void longPartsCoverTheirMinutes() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 5)
                .record(ISSUED, id -> isMinute(id, 4))
                .backfill(ISSUED)
                .writeTo(bucket);

        Minutes minutes = Minutes.of(verify());

        assertThat(letters(minutes.all())).isEqualTo("hhhhbhhhhhhh");
        assertThat(minutes.trades()).containsOnly(60L);
    }

    @Test
    void delaysAndSizesAreThoseOfTheParts() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "i-1", 60)
                .record(ISSUED, id -> isMinute(id, 4))
                .backfill(minute(4))
                .writeTo(bucket);

        DayReport report = verify();

        // RecordedDay has every trade arrive 40 ms later.
        assertThat(report.received()).isEqualTo(new Quantiles(660, 40_000, 40_000, 40_000, 40_000, 40_000));
        assertThat(report.stored().count()).isEqualTo(11);
        assertThat(report.partBytes().count()).isEqualTo(12);
        assertThat(report.partBytes().max())
                .isEqualTo(report.parts().stream().mapToLong(Part::bytes).max().orElseThrow());
    }
}
