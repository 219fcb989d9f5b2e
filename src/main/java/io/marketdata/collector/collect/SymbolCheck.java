package io.marketdata.collector.collect;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RestException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the exchange before the start whether it knows the symbols: a stream of an unknown one is accepted and stays silent
 * indefinitely (JKorf/Binance.Net issue 620).
 */
final class SymbolCheck {

    private static final Logger LOG = LoggerFactory.getLogger(SymbolCheck.class);

    private SymbolCheck() {}

    /** Warns of symbols that are not traded now, and of an exchange that does not answer; recording begins all the same. */
    static void refuseUnknown(List<Symbol> symbols, BinanceRest rest)
            throws InterruptedException, UnknownSymbolException {
        Map<Symbol, String> status;
        try {
            status = rest.status(symbols);
        } catch (RestException e) {
            LOG.warn("The symbols could not be checked, recording begins all the same: {}", e.getMessage());
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
                LOG.warn("{} is not traded now, its status is {}; recording begins all the same", symbol, state);
            }
        });
    }
}
