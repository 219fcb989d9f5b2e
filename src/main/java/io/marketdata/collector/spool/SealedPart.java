package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;

/**
 * A complete part on its way to the bucket.
 *
 * @param spool the directory it is in
 * @param duplicatesDropped trades dropped while it was open because they were recorded already
 * @param rejected frames not understood while it was open
 */
public record SealedPart(Spool spool, PartName name, RotatedBy rotatedBy, long duplicatesDropped, long rejected) {}
