package io.marketdata.collector.rest;

/**
 * Costs of the requests, in weight per calendar minute and address. Source: Binance rest-api.md of 2026-07; both trade
 * endpoints cost 25 since 2024-04-04 (CHANGELOG of that day).
 */
final class Weights {

    static final int TRADES = 25;
    static final int HISTORICAL_TRADES = 25;
    static final int EXCHANGE_INFO = 20;
    static final int TIME = 1;

    /** The most expensive request made here. */
    static final int MOST = 25;

    private Weights() {}
}
