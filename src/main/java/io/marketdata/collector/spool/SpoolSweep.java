package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
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
 * Finds the backlog in the spool and passes it on: parts of an earlier run, and parts that this run released after a
 * fault. The same code runs at start and every minute; there is no other recovery. Nothing is repaired here: packing
 * checks every line of every part anyway.
 *
 * <p>One thread at a time.
 */
public final class SpoolSweep {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolSweep.class);

    private final Collection<Spool> spools;
    private final Consumer<SealedPart> sealed;
    private final BiConsumer<Spool, PartName> packed;

    /**
     * Both consumers must ignore parts that they already have.
     *
     * @param sealed receives every part that is to be packed
     * @param packed receives every part of which only the packed form is left
     */
    public SpoolSweep(Collection<Spool> spools, Consumer<SealedPart> sealed, BiConsumer<Spool, PartName> packed) {
        this.spools = List.copyOf(spools);
        this.sealed = sealed;
        this.packed = packed;
    }

    /**
     * Checks every directory once.
     *
     * @return number of parts found that no writer has open
     */
    public int run() throws IOException {
        int found = 0;
        for (Spool spool : spools) {
            found += run(spool);
        }
        return found;
    }

    /**
     * Checks one directory.
     *
     * @return number of parts found that no writer has open
     */
    public int run(Spool spool) throws IOException {
        Map<PartState, List<PartName>> names =
                spool.list(EnumSet.of(PartState.OPEN, PartState.SEALED, PartState.PACKED));
        Set<PartName> toPack = new TreeSet<>(names.getOrDefault(PartState.SEALED, List.of()));
        for (PartName name : names.getOrDefault(PartState.OPEN, List.of())) {
            Optional<PartName> sealedAs = spool.sealLeftover(name);
            if (sealedAs.isPresent()) {
                LOG.info("Recovered file: {} was left open, now sealed", PartState.OPEN.fileName(name));
                toPack.add(sealedAs.get());
            }
        }
        toPack.forEach(name -> sealed.accept(SealedPart.found(spool, name)));
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
