package io.marketdata.collector.rest;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a quiet market from connections that have gone silent: asks REST for the newest trade of a symbol that nobody has
 * brought for unusually long. A connection can be open, answer pings and bring nothing for hours (binance-connector-java issue
 * 139, python-binance issue 1057).
 *
 * <p>At most one question in 15 s, and for a symbol that really is quiet fewer and fewer. One thread.
 */
public final class QuietCheck {

    /** The door to whoever knows what has arrived. Any thread. */
    public interface Symbols {

        /** Those that have been silent for unusually long, the worst first. */
        List<Symbol> silent();

        /** The exchange has traded up to this id, and that one at {@code tradeTimeMs}, ms since 1970 UTC. */
        void exchangeHas(Symbol symbol, long id, long tradeTimeMs);
    }

    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

    private static final Logger LOG = LoggerFactory.getLogger(QuietCheck.class);

    private final BinanceRest rest;
    private final Symbols symbols;
    private final Time time;
    private final Map<Symbol, Pause> pauses = new HashMap<>();
    private long askedNanos;

    /** A symbol is not asked about again before that; {@code newestId} is -1 while no answer told one. */
    private record Pause(long askedNanos, Duration length, long newestId) {
        boolean isOver(long now) {
            return now - askedNanos >= length.toNanos();
        }
    }

    public QuietCheck(BinanceRest rest, Symbols symbols, Time time) {
        this.rest = rest;
        this.symbols = symbols;
        this.time = time;
        this.askedNanos = time.nanoTime() - BETWEEN_QUESTIONS.toNanos();
    }

    /** Asks about one symbol, if a question is due. To be called again and again. */
    public void runOnce() throws InterruptedException {
        long now = time.nanoTime();
        if (now - askedNanos < BETWEEN_QUESTIONS.toNanos() || rest.budget().waitNanos(Weights.MOST, 0) > 0) {
            return;
        }
        List<Symbol> silent = symbols.silent();
        pauses.keySet().retainAll(silent);
        // In turns: with many silent symbols the worst of them would else be asked about again and again, and only
        // they.
        Optional<Symbol> next = silent.stream()
                .filter(symbol -> isDue(symbol, now))
                .min(Comparator.comparingLong(symbol -> askedAgoNanos(symbol, now)));
        if (next.isPresent()) {
            askedNanos = now;
            ask(next.get(), now);
        }
    }

    private boolean isDue(Symbol symbol, long now) {
        Pause pause = pauses.get(symbol);
        return pause == null || pause.isOver(now);
    }

    /** Negative, so that the longest ago comes first; never asked comes before all. */
    private long askedAgoNanos(Symbol symbol, long now) {
        Pause pause = pauses.get(symbol);
        return pause == null ? Long.MIN_VALUE : pause.askedNanos() - now;
    }

    private void ask(Symbol symbol, long now) throws InterruptedException {
        Pause before = pauses.get(symbol);
        long known = before == null ? -1 : before.newestId();
        try {
            List<RestTrade> newest = rest.newest(symbol, 1);
            long id = newest.isEmpty() ? -1 : newest.get(0).id();
            pauses.put(symbol, new Pause(now, id > known ? BETWEEN_QUESTIONS : longer(before), Math.max(id, known)));
            if (id >= 0) {
                symbols.exchangeHas(symbol, id, newest.get(0).timeMs());
            }
        } catch (RestException e) {
            // It had its turn: else a symbol that the exchange refuses would be asked about indefinitely, and no other
            // one.
            boolean passes = e.kind() != RestException.Kind.INVALID;
            pauses.put(symbol, new Pause(now, passes && before != null ? before.length() : longer(before), known));
            LOG.debug("Whether {} is quiet could not be asked: {}", symbol, e.getMessage());
        }
    }

    private static Duration longer(@Nullable Pause before) {
        Duration length = before == null ? BETWEEN_QUESTIONS : before.length().multipliedBy(2);
        return length.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : length;
    }
}
