package io.marketdata.collector.spool;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what waits in the spool and hands it on: what an earlier run left, and what this run let go of after a fault.
 * The same at start and every minute; there is no second recovery. Nothing is repaired here: packing checks every line
 * of every part anyway.
 *
 * <p>One thread at a time.
 */
public final class SpoolSweep {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolSweep.class);

    private final Collection<Spool> spools;
    private final Consumer<SealedPart> sink;
    private final Set<Path> told = new HashSet<>();

    /** @param sink takes every part found; it must ignore those it has already */
    public SpoolSweep(Collection<Spool> spools, Consumer<SealedPart> sink) {
        this.spools = List.copyOf(spools);
        this.sink = sink;
    }

    /**
     * Goes over every directory once.
     *
     * @return how many parts were found that no writer has open
     */
    public int run() throws IOException {
        int found = 0;
        for (Spool spool : spools) {
            found += run(spool);
        }
        return found;
    }

    private int run(Spool spool) throws IOException {
        for (PartName name : spool.list(PartState.OPEN)) {
            if (spool.sealLeftover(name)) {
                LOG.info("Recovered file: {} was left open and is sealed now", PartState.OPEN.fileName(name));
            }
        }
        for (String stranger : spool.strangers()) {
            if (told.add(spool.directory().resolve(stranger))) {
                LOG.warn(
                        "{} in {} is no file of this program and is left alone",
                        LogText.of(stranger),
                        spool.directory());
            }
        }
        Set<PartName> waiting = new TreeSet<>(spool.list(PartState.SEALED));
        waiting.addAll(spool.list(PartState.PACKED));
        for (PartName name : waiting) {
            sink.accept(new SealedPart(spool, name, RotatedBy.RECOVERY, 0, 0));
        }
        return waiting.size();
    }
}
