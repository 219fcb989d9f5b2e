package io.marketdata.collector.demo;

import io.marketdata.collector.model.LogText;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Observes the connections from one fault to the next. */
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
     * @param issuedBefore id of the last trade issued before the fault
     * @param upgradesBefore connections requested before the fault
     * @param also describes afterwards what else the fault did
     */
    FaultSighting(
            String fault, long issuedBefore, long sinceNanos, long upgradesBefore, @Nullable Supplier<String> also) {
        this.fault = fault;
        this.issuedBefore = issuedBefore;
        this.sinceNanos = sinceNanos;
        this.upgradesBefore = upgradesBefore;
        this.also = also;
    }

    /** Called every 20 ms. */
    void observe(int connections, long upgradesNow, long nowNanos) {
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
        String made = LogText.count(upgrades, "new connection");
        if (fewest >= FaultDemo.CONNECTIONS) {
            return made + (most > FaultDemo.CONNECTIONS ? " before the old one closed" : " at once");
        }
        return made
                + (backAfterNanos < 0
                        ? ", not both open again"
                        : ", both open again after " + TimeUnit.NANOSECONDS.toMillis(backAfterNanos) + " ms");
    }
}
