package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.feed.Feed;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.SymbolWatch;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * How trades come in: over the connections of the feed and, for gaps, over REST; both through the line arbiter of their
 * symbol into the spool.
 *
 * @param gaps the gaps of all arbiters
 * @param restCycle what is requested over REST: backfill, quiet symbols, the clock, the symbols
 * @param budget when a REST request may go out
 */
record Intake(List<LineArbiter> arbiters, Arbiters gaps, RestCycle restCycle, RequestBudget budget, Feed feed) {

    /**
     * Continues where the earlier run ended. Opens no connection yet.
     *
     * @param threads runs a connection on a thread of its own
     * @param fault takes what ended such a thread
     */
    static Intake resume(
            Wiring wiring,
            Spools spools,
            Uploader uploader,
            BinanceRest rest,
            SymbolWatch symbols,
            BiConsumer<ThreadProgress, Runnable> threads,
            Consumer<Throwable> fault)
            throws IOException {
        Settings settings = wiring.settings();
        SpoolSink sink = new SpoolSink(
                spools.live().bySymbol(), spools.backfilled().bySymbol(), spools.unparsed(), wiring.time());
        List<LineArbiter> arbiters = new ArrayList<>();
        for (Spool spool : spools.all()) {
            LineArbiter arbiter = wiring.arbiter(spool.symbol(), sink);
            EarlierRun.resume(arbiter, spool, uploader, settings.rest().giveUpAfter(), wiring.time());
            arbiters.add(arbiter);
        }
        Arbiters gaps = new Arbiters(
                arbiters, spools.backfilled().bySymbol(), settings.feed().staleAfter());
        Feed feed = wiring.feed(arbiters, sink, threads, fault);
        return new Intake(arbiters, gaps, wiring.restCycle(rest, gaps, symbols), rest.budget(), feed);
    }
}
