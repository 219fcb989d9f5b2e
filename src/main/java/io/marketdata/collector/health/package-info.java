/** The health of the collector: every reason that can make it degraded or failing, since when, and its metric. */
@NullMarked
package io.marketdata.collector.health;

import org.jspecify.annotations.NullMarked;
