package io.marketdata.collector.feed;

import java.net.URI;

/**
 * The state of a connection at the last check.
 *
 * @param line number of its feed line, from 1
 * @param openedNanos when it was opened, monotonic; meaningless while it is not open
 * @param trades how many it has delivered, duplicates included
 */
public record ConnectionState(int line, String name, URI server, boolean isOpen, long openedNanos, long trades) {}
