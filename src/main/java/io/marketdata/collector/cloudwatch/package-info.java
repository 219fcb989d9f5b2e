/**
 * The way to CloudWatch: the few numbers that deserve an alarm, once a minute. Must not know how recording works, and must
 * never be waited for by it.
 */
@NullMarked
package io.marketdata.collector.cloudwatch;

import org.jspecify.annotations.NullMarked;
