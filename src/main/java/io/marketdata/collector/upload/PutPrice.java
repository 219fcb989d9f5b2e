package io.marketdata.collector.upload;

import org.jspecify.annotations.Nullable;

/**
 * What uploads to AWS cost.
 *
 * @param usdPer1000 USD for 1,000 PUT requests to S3 Standard
 */
public record PutPrice(double usdPer1000) {

    /** The part and its manifest. */
    public static final int PUTS_PER_PART = 2;

    /** Where the prices come from. */
    public static final String SOURCE = "list price of 2026-11, aws.amazon.com/s3/pricing";

    // S3 Standard: 0.005 in us-east-1 and most regions, 0.0047 in Tokyo. Storage costs only cents beside them.
    private static final PutPrice MOST_REGIONS = new PutPrice(0.005);
    private static final PutPrice TOKYO = new PutPrice(0.0047);

    /**
     * The price of a region.
     *
     * @param region null: not known
     */
    public static PutPrice in(@Nullable String region) {
        return "ap-northeast-1".equals(region) ? TOKYO : MOST_REGIONS;
    }

    public double usd(long puts) {
        return puts / 1e3 * usdPer1000;
    }
}
