package io.marketdata.query.compact;

import java.util.List;

/**
 * A trade of which parts hold different copies.
 *
 * @param versions the one that most copies have first; it is the one in the table
 */
public record Disagreement(long id, List<Version> versions) {

    public Disagreement {
        versions = List.copyOf(versions);
    }

    /**
     * Copies that agree.
     *
     * @param timeMs ms since 1970 UTC
     * @param parts keys of the parts that hold it, as far as they were looked for
     */
    public record Version(
            String price, String quantity, long timeMs, boolean buyerIsMaker, int copies, List<String> parts) {

        public Version {
            parts = List.copyOf(parts);
        }
    }
}
