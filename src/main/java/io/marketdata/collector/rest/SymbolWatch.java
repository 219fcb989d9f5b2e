package io.marketdata.collector.rest;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks while recording whether the exchange knows the symbols: one may be delisted or renamed, or not be listed yet.
 * Its streams stay subscribed, which the exchange accepts silently (Binance.Net issue 620), so an unknown symbol costs
 * nothing and is recorded as soon as it is traded; the other symbols are not affected.
 *
 * <p>Every 5 minutes while a symbol is unknown or not verified, every hour otherwise. One thread calls
 * {@link #runOnce()}, any thread {@link #isUnknown}.
 */
public final class SymbolWatch {

    private static final Duration SOON = Duration.ofMinutes(5);
    private static final Duration LATER = Duration.ofHours(1);

    /** Weight per minute that is left for backfill. */
    private static final int SPARE_WEIGHT = 100;

    /** Each costs a request of its own, because the exchange does not say which symbol of several it does not know. */
    private static final int UNKNOWN_AT_ONCE = 5;

    private static final Logger LOG = LoggerFactory.getLogger(SymbolWatch.class);

    private final List<Symbol> symbols;
    private final BinanceRest rest;
    private final Time time;
    private final DoubleSupplier random;
    private final Map<Symbol, String> status = new ConcurrentHashMap<>();
    private long dueNanos;
    private int turn;

    /**
     * @param atStart what the exchange answered at the start; empty if it did not
     * @param random jitter, in [0, 1)
     */
    public SymbolWatch(
            List<Symbol> symbols, Map<Symbol, String> atStart, BinanceRest rest, Time time, DoubleSupplier random) {
        this.symbols = List.copyOf(symbols);
        this.rest = rest;
        this.time = time;
        this.random = random;
        status.putAll(atStart);
        dueNanos = time.nanoTime() + pauseNanos();
    }

    /** Whether the exchange's last answer was that it does not know this symbol. */
    public boolean isUnknown(Symbol symbol) {
        return BinanceRest.UNKNOWN.equals(status.get(symbol));
    }

    /** Checks the symbols if that is due. Called repeatedly. */
    public void runOnce() throws InterruptedException {
        long now = time.nanoTime();
        if (now - dueNanos < 0 || rest.budget().waitNanos(Weights.EXCHANGE_INFO, SPARE_WEIGHT) > 0) {
            return;
        }
        check(symbols.stream().filter(symbol -> !isUnknown(symbol)).toList());
        for (Symbol symbol : nextUnknown()) {
            check(List.of(symbol));
        }
        dueNanos = now + pauseNanos();
    }

    private long pauseNanos() {
        boolean soon = symbols.stream().anyMatch(symbol -> isUnknown(symbol) || !status.containsKey(symbol));
        return (long) ((soon ? SOON : LATER).toNanos() * (0.8 + 0.4 * random.getAsDouble()));
    }

    /** Some of the unknown symbols, in turns. */
    private List<Symbol> nextUnknown() {
        List<Symbol> unknown = symbols.stream().filter(this::isUnknown).toList();
        List<Symbol> next = new ArrayList<>();
        for (int i = 0; i < Math.min(UNKNOWN_AT_ONCE, unknown.size()); i++) {
            next.add(unknown.get(turn++ % unknown.size()));
        }
        return next;
    }

    private void check(List<Symbol> some) throws InterruptedException {
        try {
            update(some.isEmpty() ? Map.of() : rest.status(some));
        } catch (RestException e) {
            LOG.debug("The symbols could not be checked: {}", e.getMessage());
        }
    }

    private void update(Map<Symbol, String> answered) {
        Map<Symbol, String> before = Map.copyOf(status);
        status.putAll(answered);
        Map<String, List<Symbol>> changed = answered.entrySet().stream()
                .filter(now -> !now.getValue().equals(before.get(now.getKey())))
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue, Collectors.mapping(Map.Entry::getKey, Collectors.toList())));
        report(changed, before);
    }

    /** One line for each status, whatever the number of symbols. */
    private static void report(Map<String, List<Symbol>> changed, Map<Symbol, String> before) {
        changed.forEach((now, some) -> {
            if (!now.equals("TRADING")) {
                warn(now, some);
            } else if (before.keySet().containsAll(Set.copyOf(some))) {
                LOG.info("The exchange trades {} again", names(some));
            }
        });
    }

    /** Logs that symbols are not traded; recording continues. */
    public static void warn(String status, List<Symbol> some) {
        if (status.equals(BinanceRest.UNKNOWN)) {
            String message =
                    "Unknown to the exchange: {}. The other symbols are recorded; this is checked again every 5"
                            + " minutes. If it is misspelt, delisted or renamed, correct SYMBOL";
            LOG.warn(message, names(some));
        } else {
            LOG.warn("Not traded now, the exchange's status is {}: {}. Recording continues", status, names(some));
        }
    }

    private static String names(List<Symbol> some) {
        return LogText.of(some.stream().map(Symbol::value).collect(Collectors.joining(", ")));
    }
}
