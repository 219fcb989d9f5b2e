package io.marketdata.collector.feed;

import io.marketdata.collector.model.Symbol;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The symbols whose streams one connection carries. The exchange allows 1,024 streams on a connection
 * (web-socket-streams.md, 2026-06-09) and URLs of about 8,000 characters (unicorn-binance-websocket-api issue 17); a
 * connection requests far fewer, so that its loss affects few symbols.
 */
record StreamSet(List<Symbol> symbols) {

    static final int MAX_STREAMS = 200;
    static final int MAX_QUERY_CHARS = 4_000;

    StreamSet {
        symbols = List.copyOf(symbols);
    }

    /** Divides symbols among as few sets as possible. */
    static List<StreamSet> of(List<Symbol> symbols) {
        List<StreamSet> sets = new ArrayList<>();
        List<Symbol> some = new ArrayList<>();
        int chars = 0;
        for (Symbol symbol : symbols) {
            int needed = symbol.tradeStream().length() + 1;
            if (some.size() == MAX_STREAMS || chars + needed > MAX_QUERY_CHARS) {
                sets.add(new StreamSet(some));
                some = new ArrayList<>();
                chars = 0;
            }
            some.add(symbol);
            chars += needed;
        }
        sets.add(new StreamSet(some));
        return sets;
    }

    /** The URL of the combined stream on a server; a SUBSCRIBE request could stay unanswered. */
    URI on(URI server) {
        String names = symbols.stream().map(Symbol::tradeStream).collect(Collectors.joining("/"));
        return URI.create(server + "/stream?streams=" + names);
    }

    /** For the log: the symbols, or the first and how many more. */
    @Override
    public String toString() {
        return symbols.size() <= 5
                ? symbols.stream().map(Symbol::value).collect(Collectors.joining(","))
                : symbols.get(0) + " and " + (symbols.size() - 1) + " more";
    }
}
