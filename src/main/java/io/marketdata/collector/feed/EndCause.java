package io.marketdata.collector.feed;

import java.util.Locale;

/** Why a connection is no more; the names are those of the metric's label. */
enum EndCause {
    /** No answer, no such host, no TCP or TLS connection. */
    UNREACHABLE,
    /** The upgrade was answered with an HTTP status that is no 101. */
    REFUSED,
    /** The exchange closed it in good order. */
    CLOSED,
    /** It broke off. */
    BROKEN,
    /** Nothing came for too long. */
    IDLE,
    /** What came is no WebSocket. */
    INVALID,
    /** What came could not be recorded. */
    FAULT;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
