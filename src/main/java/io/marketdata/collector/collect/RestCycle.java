package io.marketdata.collector.collect;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.ClockCheck;
import io.marketdata.collector.rest.GapFiller;
import io.marketdata.collector.rest.QuietCheck;
import io.marketdata.collector.rest.RestMetrics;
import io.marketdata.collector.rest.SymbolWatch;
import java.io.IOException;
import java.time.Duration;

/** Everything that is requested over REST while recording, one request after the other. One thread calls {@link #run}. */
final class RestCycle {

    private final GapFiller gapFiller;
    private final QuietCheck quietCheck;
    private final ClockCheck clock;
    private final SymbolWatch symbols;
    private Duration pause = Duration.ZERO;

    /**
     * @param grace the age at which a gap is backfilled; the connections may fill a younger one
     * @param giveUpAfter the age at which it becomes unrecoverable
     */
    RestCycle(
            BinanceRest rest,
            Arbiters arbiters,
            SymbolWatch symbols,
            Duration grace,
            Duration giveUpAfter,
            Time time,
            RestMetrics metrics) {
        this.symbols = symbols;
        gapFiller = new GapFiller(rest, arbiters, time, grace, giveUpAfter, metrics);
        quietCheck = new QuietCheck(rest, arbiters, time);
        clock = new ClockCheck(rest, time, metrics);
    }

    ClockCheck clock() {
        return clock;
    }

    SymbolWatch symbols() {
        return symbols;
    }

    /** Requests what is due. */
    void run(ThreadProgress progress) throws IOException, InterruptedException {
        pause = gapFiller.runOnce();
        progress.busy();
        quietCheck.runOnce();
        progress.busy();
        clock.runOnce();
        progress.busy();
        symbols.runOnce();
    }

    /** How long to wait between the last cycle and the next; only for that thread. */
    Duration pause() {
        return pause;
    }
}
