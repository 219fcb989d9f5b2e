/**
 * The buckets: S3 and a local directory of the same layout. The only package but {@code cloudwatch} that may import the
 * AWS SDK. Must not know what the objects mean.
 */
@NullMarked
package io.marketdata.collector.store;

import org.jspecify.annotations.NullMarked;
