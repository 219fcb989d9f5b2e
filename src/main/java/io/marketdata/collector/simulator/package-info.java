/**
 * A faithful fake exchange for demo, tests and users: WebSocket streams and REST from one tape. Must not know the recorder.
 */
@NullMarked
package io.marketdata.collector.simulator;

import org.jspecify.annotations.NullMarked;
