/**
 * Reads a bucket back and says whether it is whole. Must not write to it.
 */
@NullMarked
package io.marketdata.collector.audit;

import org.jspecify.annotations.NullMarked;
