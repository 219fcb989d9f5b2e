package io.marketdata.collector.spool;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import java.util.List;

/**
 * A complete part on its way to the bucket.
 *
 * @param spool the directory it is in
 * @param duplicatesDropped trades dropped while it was open because they were recorded already
 * @param rejected frames not understood while it was open
 * @param written the trade ids that were written to it, in that order; empty if that is not known, after a crash
 */
public record SealedPart(
        Spool spool, PartName name, RotatedBy rotatedBy, long duplicatesDropped, long rejected, List<IdRange> written) {

    public SealedPart {
        written = List.copyOf(written);
    }

    /** A part that was found in the spool. */
    public static SealedPart found(Spool spool, PartName name) {
        return new SealedPart(spool, name, RotatedBy.RECOVERY, 0, 0, List.of());
    }
}
