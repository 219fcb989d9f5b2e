package io.marketdata.collector.rest;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries REST for the newest trade of a symbol: where an id needs evidence, and where no connection has delivered a
 * trade for unusually long, to distinguish a quiet market from stale connections. A connection can be open, answer pings and deliver nothing for hours
 * (binance-connector-java issue 139, python-binance issue 1057).
 *
 * <p>At most one query in 15 s, in 1 s for evidence, and with growing pauses for a symbol that is quiet. One thread.
 */
public final class QuietCheck {

    /** Source of silent symbols, and receiver of what REST reports about them. Any thread. */
    public interface Symbols {

        /** The symbols without a trade for unusually long, the worst first. */
        List<Symbol> silent();

        /** The symbols of which the newest trade settles something that is not believed yet. */
        List<Symbol> doubtful();

        /** REST reports that the exchange has traded up to this id, at {@code tradeTimeMs}, ms since 1970 UTC. */
        void exchangeHas(Symbol symbol, long id, long tradeTimeMs);
    }

    private static final Duration INTERVAL = Duration.ofSeconds(15);
    /** An id without evidence is settled sooner. */
    private static final Duration DOUBT_INTERVAL = Duration.ofSeconds(1);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

    private static final Logger LOG = LoggerFactory.getLogger(QuietCheck.class);

    private final BinanceRest rest;
    private final Symbols symbols;
    private final Time time;
    private final Map<Symbol, Pause> pauses = new HashMap<>();
    private long queriedNanos;

    /** The pause after a query of a symbol; {@code newestId} is -1 while no answer has had one. */
    private record Pause(long queriedNanos, Duration length, long newestId) {}

    public QuietCheck(BinanceRest rest, Symbols symbols, Time time) {
        this.rest = rest;
        this.symbols = symbols;
        this.time = time;
        this.queriedNanos = time.nanoTime() - INTERVAL.toNanos();
    }

    /** Queries one symbol if a query is due. Called repeatedly. */
    public void runOnce() throws InterruptedException {
        long now = time.nanoTime();
        if (rest.budget().waitNanos(Weights.MOST, 0) > 0) {
            return;
        }
        List<Symbol> wanted = new ArrayList<>(symbols.doubtful());
        boolean doubt = !wanted.isEmpty();
        if (now - queriedNanos < (doubt ? DOUBT_INTERVAL : INTERVAL).toNanos()) {
            return;
        }
        wanted.addAll(symbols.silent());
        pauses.keySet().retainAll(wanted);
        // In turns: with many silent symbols only the worst of them would be queried otherwise.
        Optional<Symbol> next = wanted.stream()
                .filter(symbol -> isDue(symbol, now))
                .min(Comparator.comparingLong(symbol -> lastQueryNanos(symbol, now)));
        if (next.isPresent()) {
            queriedNanos = now;
            query(next.get(), now);
        }
    }

    private boolean isDue(Symbol symbol, long now) {
        Pause pause = pauses.get(symbol);
        return pause == null || now - pause.queriedNanos() >= pause.length().toNanos();
    }

    /** Relative to now, so that the longest ago comes first; a symbol never queried comes before all. */
    private long lastQueryNanos(Symbol symbol, long now) {
        Pause pause = pauses.get(symbol);
        return pause == null ? Long.MIN_VALUE : pause.queriedNanos() - now;
    }

    private void query(Symbol symbol, long now) throws InterruptedException {
        Pause before = pauses.get(symbol);
        long known = before == null ? -1 : before.newestId();
        try {
            List<RestTrade> newest = rest.newest(symbol, 1);
            long id = newest.isEmpty() ? -1 : newest.get(0).id();
            pauses.put(symbol, new Pause(now, id > known ? INTERVAL : longer(before), Math.max(id, known)));
            if (id >= 0) {
                symbols.exchangeHas(symbol, id, newest.get(0).timeMs());
            }
        } catch (RestException e) {
            // It had its turn: otherwise a refused symbol would be queried indefinitely, and no other one.
            boolean temporary = e.kind() != RestException.Kind.INVALID;
            pauses.put(symbol, new Pause(now, temporary && before != null ? before.length() : longer(before), known));
            LOG.debug("Whether {} is quiet could not be queried: {}", symbol, e.getMessage());
        }
    }

    private static Duration longer(@Nullable Pause before) {
        Duration length = before == null ? INTERVAL : before.length().multipliedBy(2);
        return length.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : length;
    }
}
