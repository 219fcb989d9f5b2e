/**
 * The socket side: keeps a connection to the exchange alive and turns its frames into trades. Must not know what becomes of a trade.
 */
@NullMarked
package io.marketdata.collector.feed;

import org.jspecify.annotations.NullMarked;
