/**
 * A faithful exchange simulator for demo, tests and users: WebSocket streams and REST with the same trades. Must not know
 * the collector.
 */
@NullMarked
package io.marketdata.collector.simulator;

import org.jspecify.annotations.NullMarked;
