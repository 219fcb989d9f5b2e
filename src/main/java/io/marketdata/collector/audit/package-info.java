/**
 * Verifies a bucket by reading it back. Must not write to it.
 */
@NullMarked
package io.marketdata.collector.audit;

import org.jspecify.annotations.NullMarked;
