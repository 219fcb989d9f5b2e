package io.marketdata.collector.read;

import io.marketdata.collector.model.Symbol;

/**
 * A trade as it is stored. Its texts are as the exchange sent them and may hold anything that JSON allows.
 *
 * @param tradeTimeMs {@code T}, ms since 1970 UTC
 * @param price {@code p}, decimal; empty if the line has none
 * @param quantity {@code q}, decimal; empty if the line has none
 * @param buyerIsMaker {@code m}: {@code true} if the buyer was the market maker; empty if the line has none
 * @param line the stored line without its line feed
 */
public record StoredTrade(
        Symbol symbol, long id, long tradeTimeMs, String price, String quantity, String buyerIsMaker, String line) {}
