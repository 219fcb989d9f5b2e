/**
 * Recovers trades that no link has delivered, over the exchange's REST interface, slowly and politely. Must not know how
 * live trades arrive or how trades are kept: it sees holes, and a door through which it hands trades ({@link
 * io.marketdata.collector.rest.Holes}).
 */
@NullMarked
package io.marketdata.collector.rest;

import org.jspecify.annotations.NullMarked;
