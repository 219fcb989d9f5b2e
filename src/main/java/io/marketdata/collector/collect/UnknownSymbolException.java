package io.marketdata.collector.collect;

import io.marketdata.collector.model.Symbol;
import java.util.List;
import java.util.stream.Collectors;

/** The exchange does not know a symbol that is to be recorded, so its stream would never deliver a trade. */
public final class UnknownSymbolException extends Exception {
    private static final long serialVersionUID = 1;

    UnknownSymbolException(List<Symbol> symbols) {
        super("SYMBOL: the exchange does not know "
                + symbols.stream().map(Symbol::value).collect(Collectors.joining(", "))
                + "; allowed: symbols of its spot market, for example BTCUSDT");
    }
}
