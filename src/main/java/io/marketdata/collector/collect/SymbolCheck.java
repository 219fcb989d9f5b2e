package io.marketdata.collector.collect;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RestException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks before the start that the exchange knows the symbols: it accepts a stream of an unknown symbol and never sends
 * anything on it (JKorf/Binance.Net issue 620).
 */
final class SymbolCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SymbolCheck.class);

    private SymbolCheck() {}

    /** Only warns about symbols that are not traded now, and about an exchange that does not answer. */
    static void refuseUnknown(List<Symbol> symbols, BinanceRest rest)
            throws InterruptedException, UnknownSymbolException {
        Map<Symbol, String> status;
        try {
            status = rest.status(symbols);
        } catch (RestException e) {
            LOG.warn("Could not verify the symbols with the exchange, starting anyway: {}", e.getMessage());
            return;
        }
        List<Symbol> unknown = symbols.stream()
                .filter(symbol -> BinanceRest.UNKNOWN.equals(status.get(symbol)))
                .toList();
        if (!unknown.isEmpty()) {
            throw new UnknownSymbolException(unknown);
        }
        status.forEach((symbol, state) -> {
            if (!state.equals("TRADING")) {
                LOG.warn("{} is not traded now, its status is {}; starting anyway", symbol, state);
            }
        });
    }
}
