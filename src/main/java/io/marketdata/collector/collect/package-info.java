/**
 * Wires the collector: opens spools, connects feed, backfill and uploads, owns the threads, and closes in reverse. Also
 * the two runs that share those parts: {@code backfill} and {@code spool upload}.
 */
@NullMarked
package io.marketdata.collector.collect;

import org.jspecify.annotations.NullMarked;
