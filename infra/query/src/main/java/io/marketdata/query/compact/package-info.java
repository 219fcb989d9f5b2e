/** Makes an hour of trades and one-second bars in Parquet from the parts in the bucket. */
@NullMarked
package io.marketdata.query.compact;

import org.jspecify.annotations.NullMarked;
