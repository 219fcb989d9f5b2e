package io.marketdata.collector.collect;

import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Where the earlier run ended, so that the trades made since then are known to be missing. */
public final class EarlierRun {

    private EarlierRun() {}

    /**
     * Makes the arbiter of the spool's symbol continue there. Before anything is packed.
     *
     * @param giveUpAfter the age at which a gap becomes unrecoverable
     */
    public static void resume(LineArbiter arbiter, Spool spool, Uploader uploader, Duration giveUpAfter, Time time)
            throws IOException {
        long now = time.nanoTime();
        uploader.recorded(spool)
                .ifPresent(last -> arbiter.resume(
                        last.highestId(),
                        last.highestTimeMs(),
                        last.missing().stream()
                                .map(gap -> new Gap(
                                        gap.ids(),
                                        now - ageNanos(gap.since(), time.epochMillis(), giveUpAfter),
                                        gap.unrecoverable()))
                                .toList(),
                        last.ahead()));
        uploader.recordedSince(spool, arbiter::resumeTrade);
    }

    /**
     * The age of a gap of an earlier run, by the wall clock. The clock may be years off, so the age is at most half of the
     * age at which the gap becomes unrecoverable: whatever the clock says, the gap is backfilled for long enough.
     *
     * @param sinceMs when it was seen, ms since 1970 UTC
     * @param nowMs what the wall clock says
     */
    static long ageNanos(long sinceMs, long nowMs, Duration giveUpAfter) {
        long most = giveUpAfter.toNanos() / 2;
        return Math.max(0, Math.min(most, TimeUnit.MILLISECONDS.toNanos(nowMs - sinceMs)));
    }
}
