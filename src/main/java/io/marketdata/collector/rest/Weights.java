package io.marketdata.collector.rest;

/**
 * Costs of the requests, in weight per calendar minute and address. Source: Binance rest-api.md of 2026-07; both trade
 * endpoints cost 25 since 2024-04-04, aggregate trades 4 since 2025-03-10 (CHANGELOG of these days).
 */
final class Weights {

    static final int TRADES = 25;
    static final int HISTORICAL_TRADES = 25;
    static final int AGGREGATE_TRADES = 4;
    static final int EXCHANGE_INFO = 20;
    static final int TIME = 1;

    /** The most expensive request made here. */
    static final int MOST = 25;

    private Weights() {}
}
