/** Trades as they are stored, read while a collector records: never locks, never writes. */
@NullMarked
package io.marketdata.collector.read;

import org.jspecify.annotations.NullMarked;
