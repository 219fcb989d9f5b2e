/**
 * The buckets: S3 and a local directory of the same layout. The only room that imports the AWS SDK. Must not know what the objects mean.
 */
@NullMarked
package io.marketdata.collector.store;

import org.jspecify.annotations.NullMarked;
