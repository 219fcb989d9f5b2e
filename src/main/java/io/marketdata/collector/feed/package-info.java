/**
 * Keeps redundant connections to the exchange alive, turns their frames into trades, and passes each trade id on once.
 * Must not know what becomes of a trade.
 */
@NullMarked
package io.marketdata.collector.feed;

import org.jspecify.annotations.NullMarked;
