package io.marketdata.collector.demo;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What was seen of the links from one fault to the next. */
final class FaultSighting {
    private final String fault;
    private final long issuedBefore;
    private final long sinceNanos;
    private final long upgradesBefore;
    private final @Nullable Supplier<String> also;
    private int fewest = FaultDemo.LINKS;
    private int most = FaultDemo.LINKS;
    private long backAfterNanos = -1;
    private long upgrades;

    /**
     * @param issuedBefore id of the last trade before the fault
     * @param upgradesBefore links that were asked for before it
     * @param also tells afterwards what else it did
     */
    FaultSighting(
            String fault, long issuedBefore, long sinceNanos, long upgradesBefore, @Nullable Supplier<String> also) {
        this.fault = fault;
        this.issuedBefore = issuedBefore;
        this.sinceNanos = sinceNanos;
        this.upgradesBefore = upgradesBefore;
        this.also = also;
    }

    /** To be called often. */
    void look(int links, long upgradesNow, long nowNanos) {
        fewest = Math.min(fewest, links);
        most = Math.max(most, links);
        upgrades = upgradesNow - upgradesBefore;
        if (fewest < FaultDemo.LINKS && links >= FaultDemo.LINKS && backAfterNanos < 0) {
            backAfterNanos = nowNanos - sinceNanos;
        }
    }

    FaultReport.Episode episode() {
        return new FaultReport.Episode(fault, issuedBefore, what());
    }

    private String what() {
        String links = links();
        if (also == null) {
            return links.isEmpty() ? "both links stayed" : links;
        }
        return also.get() + (links.isEmpty() ? "" : "; " + links);
    }

    private String links() {
        if (upgrades == 0) {
            return "";
        }
        String made = upgrades == 1 ? "1 new link" : upgrades + " new links";
        if (fewest >= FaultDemo.LINKS) {
            return made + (most > FaultDemo.LINKS ? " before the old ended" : " at once");
        }
        return made
                + (backAfterNanos < 0
                        ? ", not yet two again"
                        : ", two again after " + TimeUnit.NANOSECONDS.toMillis(backAfterNanos) + " ms");
    }
}
