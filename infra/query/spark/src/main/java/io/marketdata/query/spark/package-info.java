/** Makes compacted hours with Spark: the same files from the same parts as {@code market-data-query compact}. */
@NullMarked
package io.marketdata.query.spark;

import org.jspecify.annotations.NullMarked;
