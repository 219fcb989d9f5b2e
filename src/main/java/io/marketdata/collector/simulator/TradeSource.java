package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the exchange simulator's trades come from: one truth for every connection and for REST. One thread. */
sealed interface TradeSource permits ReplayFile, SyntheticTrades {

    /** The symbols that trade. */
    List<Symbol> symbols();

    /**
     * Begins at the first trade.
     *
     * @param epochMs the wall clock at that moment; a recorded replay file keeps its own times
     */
    void begin(long epochMs);

    /** Whether its trade times are those of the clock, so that a pause moves the later ones; or are recorded. */
    boolean runsWithTheClock();

    /** The next trade, in the order of sending; null at the end of a finite replay file. */
    @Nullable
    Tick next();
}
