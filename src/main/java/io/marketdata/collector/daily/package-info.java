/**
 * The audit of a day: puts what {@code verify} found into the bucket, by the command or as a function of AWS Lambda. Must
 * not know how a day is judged.
 */
@NullMarked
package io.marketdata.collector.daily;

import org.jspecify.annotations.NullMarked;
