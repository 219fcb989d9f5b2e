package io.marketdata.collector.collect;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.WakeUp;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.RotatingWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The writers of every symbol for trades of one origin. */
final class Writers {

    private static final Logger LOG = LoggerFactory.getLogger(Writers.class);

    private final Map<Symbol, RotatingWriter> bySymbol = new LinkedHashMap<>();

    private final WakeUp changed = new WakeUp();

    /** Before any thread uses them. */
    void add(Symbol symbol, RotatingWriter writer) {
        bySymbol.put(symbol, writer);
        writer.onChange(changed::wake);
    }

    Map<Symbol, RotatingWriter> bySymbol() {
        return bySymbol;
    }

    /**
     * Seals every part that is due, and those that found no room before. Only the rotation thread.
     *
     * @throws NoSpaceException if a part found no room; the parts of the other symbols were tried as well
     */
    void rotateDue(ThreadProgress progress) throws IOException {
        NoSpaceException noSpace = null;
        for (RotatingWriter writer : bySymbol.values()) {
            progress.busy();
            try {
                writer.rotateDue();
            } catch (NoSpaceException e) {
                noSpace = e;
            }
        }
        if (noSpace != null) {
            throw noSpace;
        }
    }

    /** Waits until {@link #rotateDue} may have something to do, at most {@code most}. Only the rotation thread. */
    void awaitDue(Duration most) throws InterruptedException {
        long due = most.toNanos();
        for (RotatingWriter writer : bySymbol.values()) {
            due = Math.min(due, writer.nanosUntilDue());
        }
        changed.await(Duration.ofNanos(due));
    }

    /** Ends the wait of the rotation thread, or the next one. Any thread. */
    void wake() {
        changed.wake();
    }

    /** Makes every accepted trade durable. Only the fsync thread. */
    void sync(ThreadProgress progress) throws IOException {
        for (RotatingWriter writer : bySymbol.values()) {
            progress.busy();
            writer.sync();
        }
    }

    /**
     * Seals the open parts, when nothing is appended any more. A part that cannot be sealed does not stop the others.
     *
     * @param faults takes the fault of each part that could not be sealed
     */
    void close(Consumer<IOException> faults) {
        for (RotatingWriter writer : bySymbol.values()) {
            try {
                writer.close();
            } catch (IOException e) {
                LOG.error("Could not seal a part, the next start recovers it: {}", e.getMessage());
                faults.accept(e);
            }
        }
    }
}
