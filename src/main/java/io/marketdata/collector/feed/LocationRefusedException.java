package io.marketdata.collector.feed;

/** Thrown when every server of the exchange refuses connections from this location. Retrying would not help. */
public final class LocationRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    public static final String REMEDY = "Run the collector in another region, for example AWS ap-northeast-1, or name"
            + " wss://data-stream.binance.vision as WS_FALLBACK_URL if the exchange's terms allow you that";

    LocationRefusedException(String servers) {
        super("The exchange refuses connections from this location (HTTP 451; servers: " + servers + "). " + REMEDY);
    }
}
