/**
 * What watches over the running process, and shows it. Doors: {@link io.marketdata.collector.ops.StatusServer} for pages
 * over HTTP, {@link io.marketdata.collector.ops.Health} for what is wrong and since when, {@link io.marketdata.collector.ops.Watchdog} to tell which threads work on
 * what, {@link io.marketdata.collector.ops.ThreadDump} for what all of them are doing.
 */
@NullMarked
package io.marketdata.collector.ops;

import org.jspecify.annotations.NullMarked;
