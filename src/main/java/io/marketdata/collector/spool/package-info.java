/**
 * The disk side: appends trades to part files, seals them, and finds what earlier runs left behind. Must not know that
 * buckets exist.
 *
 * <p>Open {@code Spool} first: one symbol's directory and every step a part file takes. {@code FileOps} is the only
 * interface to the disk, {@code LocalDisk} its real implementation. {@code RotatingWriter} writes the parts.
 * {@code SpoolFolder}, {@code SpoolListing} and {@code SpoolFile} are read-only views from outside, without a lock.
 * {@code SpoolSweep} finds the backlog.
 */
@NullMarked
package io.marketdata.collector.spool;

import org.jspecify.annotations.NullMarked;
