package io.marketdata.collector.rest;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a quiet market from links that have gone silent: asks REST for the newest trade of a symbol that nobody has
 * brought for unusually long. A link can be open, answer pings and bring nothing for hours (binance-connector-java issue
 * 139, python-binance issue 1057).
 *
 * <p>At most one question in 15 s, and for a symbol that really is quiet fewer and fewer. One thread.
 */
public final class QuietCheck {

    /** The door to whoever knows what has arrived. Any thread. */
    public interface Symbols {

        /** Those that have been silent for unusually long, the worst first. */
        List<Symbol> silent();

        /** The exchange has traded up to this id. */
        void exchangeHas(Symbol symbol, long id);
    }

    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(30);

    private static final Logger LOG = LoggerFactory.getLogger(QuietCheck.class);

    private final BinanceRest rest;
    private final Symbols symbols;
    private final Time time;
    private final Map<Symbol, Pause> pauses = new HashMap<>();
    private long askedNanos;

    /** A symbol is not asked about again before that. */
    private record Pause(long untilNanos, Duration length, long newestId) {}

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
        for (Symbol symbol : silent) {
            Pause pause = pauses.get(symbol);
            if (pause == null || now - pause.untilNanos() >= 0) {
                askedNanos = now;
                ask(symbol, pause, now);
                return;
            }
        }
    }

    private void ask(Symbol symbol, @Nullable Pause before, long now) throws InterruptedException {
        try {
            List<RestTrade> newest = rest.newest(symbol, 1);
            long id = newest.isEmpty() ? -1 : newest.get(0).id();
            Duration length = before == null || id > before.newestId()
                    ? BETWEEN_QUESTIONS
                    : before.length().multipliedBy(2);
            length = length.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : length;
            pauses.put(symbol, new Pause(now + length.toNanos(), length, id));
            if (id >= 0) {
                symbols.exchangeHas(symbol, id);
            }
        } catch (RestException e) {
            LOG.debug("Whether {} is quiet could not be asked: {}", symbol, e.getMessage());
        }
    }
}
