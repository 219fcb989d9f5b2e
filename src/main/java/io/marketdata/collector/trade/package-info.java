/**
 * What a trade looks like: in a frame of the exchange and in a line of the spool. Intake and packing judge by the same
 * code, so what was accepted is never refused at packing.
 */
@NullMarked
package io.marketdata.collector.trade;

import org.jspecify.annotations.NullMarked;
