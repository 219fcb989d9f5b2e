/**
 * The disk side: appends trades to part files, seals them, and finds what earlier runs left behind. Must not know that buckets exist.
 */
@NullMarked
package io.marketdata.collector.spool;

import org.jspecify.annotations.NullMarked;
