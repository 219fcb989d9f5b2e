/**
 * Backfills trades that no connection has delivered over the exchange's REST API, within a budget of requests. Must not
 * know how live trades arrive or how trades are stored: it sees {@link io.marketdata.collector.rest.Gaps} and passes
 * trades to it.
 */
@NullMarked
package io.marketdata.collector.rest;

import org.jspecify.annotations.NullMarked;
