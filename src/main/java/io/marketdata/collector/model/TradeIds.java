package io.marketdata.collector.model;

/**
 * Rules of the exchange's trade ids: consecutive for each symbol, 64 bits (binance-public-data issue 114, Binance staff,
 * 2022-02-23); on the test network the sequence is reset about once a month (testnet/general-info.md).
 */
public final class TradeIds {

    /** Ids; a trade this far below the highest one is not a late one: BTCUSDT takes about eight hours for this many. */
    private static final long RESET_DISTANCE = 1_000_000;

    private TradeIds() {}

    /** Whether {@code id} is so far below {@code highest} that the exchange must have reset the sequence. */
    public static boolean isReset(long highest, long id) {
        return highest - id > RESET_DISTANCE;
    }
}
