/**
 * Which way a connection takes: directly or through a forward proxy, and whether a host is in a private network. One rule
 * for the feed, REST, S3 and CloudWatch. Knows no setting and no protocol above HTTP CONNECT.
 */
@NullMarked
package io.marketdata.collector.route;

import org.jspecify.annotations.NullMarked;
