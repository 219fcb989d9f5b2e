/**
 * How servers are reached: directly or through a forward proxy, whether a host is in a private network, and in which shape
 * a store takes requests. One rule for the feed, REST, S3 and CloudWatch. Knows no setting and sends no request but
 * CONNECT.
 */
@NullMarked
package io.marketdata.collector.route;

import org.jspecify.annotations.NullMarked;
