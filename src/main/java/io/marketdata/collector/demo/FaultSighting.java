package io.marketdata.collector.demo;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What was seen of the connections from one fault to the next. */
final class FaultSighting {
    private final String fault;
    private final long issuedBefore;
    private final long sinceNanos;
    private final long upgradesBefore;
    private final @Nullable Supplier<String> also;
    private int fewest = FaultDemo.CONNECTIONS;
    private int most = FaultDemo.CONNECTIONS;
    private long backAfterNanos = -1;
    private long upgrades;

    /**
     * @param issuedBefore id of the last trade before the fault
     * @param upgradesBefore connections that were asked for before it
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
    void look(int connections, long upgradesNow, long nowNanos) {
        fewest = Math.min(fewest, connections);
        most = Math.max(most, connections);
        upgrades = upgradesNow - upgradesBefore;
        if (fewest < FaultDemo.CONNECTIONS && connections >= FaultDemo.CONNECTIONS && backAfterNanos < 0) {
            backAfterNanos = nowNanos - sinceNanos;
        }
    }

    FaultReport.Episode episode() {
        return new FaultReport.Episode(fault, issuedBefore, what());
    }

    private String what() {
        String connections = connections();
        if (also == null) {
            return connections.isEmpty() ? "both connections stayed" : connections;
        }
        return also.get() + (connections.isEmpty() ? "" : "; " + connections);
    }

    private String connections() {
        if (upgrades == 0) {
            return "";
        }
        String made = upgrades == 1 ? "1 new connection" : upgrades + " new connections";
        if (fewest >= FaultDemo.CONNECTIONS) {
            return made + (most > FaultDemo.CONNECTIONS ? " before the old ended" : " at once");
        }
        return made
                + (backAfterNanos < 0
                        ? ", not yet two again"
                        : ", two again after " + TimeUnit.NANOSECONDS.toMillis(backAfterNanos) + " ms");
    }
}
