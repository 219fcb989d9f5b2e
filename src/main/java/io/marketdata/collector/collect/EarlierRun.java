package io.marketdata.collector.collect;

import io.marketdata.collector.feed.TradeGate;
import io.marketdata.collector.model.MissingIds.Hole;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.upload.Shipper;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Where an earlier run has ended, so that what passed since then is known to be missing. */
public final class EarlierRun {

    private EarlierRun() {}

    /**
     * Lets the gate of the spool's symbol go on from there. Before anything is packed.
     *
     * @param giveUpAfter the age at which a hole is lost
     */
    public static void resume(TradeGate gate, Spool spool, Shipper shipper, Duration giveUpAfter, Time time)
            throws IOException {
        long now = time.nanoTime();
        shipper.recorded(spool)
                .ifPresent(last -> gate.resume(
                        last.highestId(),
                        last.epochMs(),
                        last.missing().stream()
                                .map(hole -> new Hole(
                                        hole.ids(),
                                        now - ageNanos(hole.since(), time.epochMillis(), giveUpAfter),
                                        false))
                                .toList()));
        shipper.recordedSince(spool, gate::resumeTrade);
    }

    /**
     * How old a hole of an earlier run counts as. By the wall clock, which may be years off: so at most half of the age at
     * which it is given up, and whatever the clock says the hole is looked for long enough.
     *
     * @param sinceMs when it was seen, ms since 1970 UTC
     * @param nowMs what the wall clock says
     */
    static long ageNanos(long sinceMs, long nowMs, Duration giveUpAfter) {
        long most = giveUpAfter.toNanos() / 2;
        return Math.max(0, Math.min(most, TimeUnit.MILLISECONDS.toNanos(nowMs - sinceMs)));
    }
}
