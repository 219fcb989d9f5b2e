package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
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
    private final Consumer<SealedPart> sealed;
    private final BiConsumer<Spool, PartName> packed;

    /**
     * Both must ignore the parts that they have already.
     *
     * @param sealed takes every part that is to be packed
     * @param packed takes every part of which only the packed form is left
     */
    public SpoolSweep(Collection<Spool> spools, Consumer<SealedPart> sealed, BiConsumer<Spool, PartName> packed) {
        this.spools = List.copyOf(spools);
        this.sealed = sealed;
        this.packed = packed;
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
        Map<PartState, List<PartName>> names =
                spool.list(EnumSet.of(PartState.OPEN, PartState.SEALED, PartState.PACKED));
        Set<PartName> toPack = new TreeSet<>(names.getOrDefault(PartState.SEALED, List.of()));
        for (PartName name : names.getOrDefault(PartState.OPEN, List.of())) {
            Optional<PartName> sealedAs = spool.sealLeftover(name);
            if (sealedAs.isPresent()) {
                LOG.info("Recovered file: {} was left open and is sealed now", PartState.OPEN.fileName(name));
                toPack.add(sealedAs.get());
            }
        }
        toPack.forEach(name -> sealed.accept(new SealedPart(spool, name, RotatedBy.RECOVERY, 0, 0)));
        int found = toPack.size();
        for (PartName name : names.getOrDefault(PartState.PACKED, List.of())) {
            if (!toPack.contains(name)) {
                packed.accept(spool, name);
                found++;
            }
        }
        return found;
    }
}
