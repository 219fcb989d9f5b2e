package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The source of the exchange simulator's trades, the same for every connection and for REST. One thread. */
sealed interface TradeSource permits ReplayFile, SyntheticTrades {

    List<Symbol> symbols();

    /**
     * Starts at the first trade.
     *
     * @param epochMs the current wall clock; a replay file keeps its own trade times
     */
    void begin(long epochMs);

    /** Whether trade times follow the clock, so that a halt delays the later ones; false if they are recorded. */
    boolean runsWithTheClock();

    /** The next trade in the order of sending; null at the end of a replay file. */
    @Nullable
    Tick next();
}
