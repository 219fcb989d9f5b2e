package io.marketdata.collector.certificate;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.audit.Verification;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.Trades;
import java.time.LocalDate;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** A bucket in which two instances recorded a day and its neighbours, to be certified. */
final class CertifiedDay {

    static final Period DAY = Period.day(LocalDate.of(2025, 1, 15));
    static final long FIRST_ID = 4_000_000;
    static final long NOW_MS = DAY.toMs() + 3_600_000;

    private static final long EVERY_MS = 1_000_000;
    private static final long BEFORE = 10;

    final MemoryStore bucket = new MemoryStore();

    /** @param isMissed by both */
    CertifiedDay(LongPredicate isMissed) {
        var issued = RecordedDay.issued(
                FIRST_ID - BEFORE, DAY.fromMs() - BEFORE * EVERY_MS, DAY.toMs() + BEFORE * EVERY_MS, EVERY_MS);
        for (String instance : new String[] {"i-1", "i-2"}) {
            new RecordedDay(Trades.BTCUSDT, instance, 60)
                    .record(issued, id -> isMissed.test(id) || instance.equals("i-2") && id == FIRST_ID + 3)
                    .writeTo(bucket);
        }
    }

    DayReport report(Period period) throws InterruptedException {
        Verification.Options options = new Verification.Options(null, true, 4);
        return new Verification(bucket, Trades.BTCUSDT, period, options, Thread::new, (what, done, total) -> {}).run();
    }

    Certificate certificate(@Nullable SigningKey key) throws InterruptedException {
        return Certificate.of(report(DAY), true, NOW_MS, key);
    }
}
