package io.marketdata.collector.model;

/**
 * What is known of the exchange's trade ids: consecutive for each symbol, 64 bits (binance-public-data issue 114, Binance
 * staff, 2022-02-23), and on the test network counted again about once a month (testnet/general-info.md).
 */
public final class TradeIds {

    /** A trade so far below the highest one is no late trade: BTCUSDT takes about eight hours for so many. */
    private static final long RESET_DISTANCE = 1_000_000;

    private TradeIds() {}

    /** Whether {@code id} is so far below {@code highest} that the exchange must have begun to count again. */
    public static boolean isReset(long highest, long id) {
        return highest - id > RESET_DISTANCE;
    }
}
