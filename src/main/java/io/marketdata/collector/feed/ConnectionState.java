package io.marketdata.collector.feed;

import java.net.URI;

/**
 * A connection as it was when it was looked after last.
 *
 * @param line which of the connections that are to be kept; from 1
 * @param openedNanos when it was open, monotonic; meaningless while it is not
 * @param trades that it has brought, first or not
 */
public record ConnectionState(int line, String name, URI server, boolean isOpen, long openedNanos, long trades) {}
