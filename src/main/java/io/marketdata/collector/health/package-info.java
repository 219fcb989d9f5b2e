/**
 * Why the collector is not well: every health reason, since when it holds, and its metric.
 */
@NullMarked
package io.marketdata.collector.health;

import org.jspecify.annotations.NullMarked;
