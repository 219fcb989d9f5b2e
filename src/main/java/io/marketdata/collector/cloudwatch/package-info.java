/**
 * Publishes the few numbers that deserve an alarm to CloudWatch, by default once a minute. Must not know how recording
 * works; recording never waits for it.
 */
@NullMarked
package io.marketdata.collector.cloudwatch;

import org.jspecify.annotations.NullMarked;
