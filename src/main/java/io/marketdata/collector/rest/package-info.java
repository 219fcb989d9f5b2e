/**
 * Recovers trades that no connection has delivered, over the exchange's REST interface, slowly and politely. Must not know how
 * live trades arrive or how trades are kept: it sees gaps, and a door through which it hands trades ({@link
 * io.marketdata.collector.rest.Gaps}).
 */
@NullMarked
package io.marketdata.collector.rest;

import org.jspecify.annotations.NullMarked;
