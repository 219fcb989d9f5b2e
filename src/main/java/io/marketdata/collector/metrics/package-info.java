/**
 * What the program counts. Must not know who counts or who reads.
 */
@NullMarked
package io.marketdata.collector.metrics;

import org.jspecify.annotations.NullMarked;
