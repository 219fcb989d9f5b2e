package io.marketdata.collector.feed;

import java.util.Locale;

/** Cause of the end of a connection; the names in lower case are the values of the metric's label. */
enum EndCause {
    /** No answer, no such host, no TCP or TLS connection. */
    UNREACHABLE,
    /** The exchange answered the upgrade with an HTTP status other than 101. */
    REFUSED,
    /** The exchange closed it with a close frame. */
    CLOSED,
    /** It broke off without a close frame. */
    BROKEN,
    /** Idle timeout: no frame arrived for too long. */
    IDLE,
    /** The received bytes are not valid WebSocket frames. */
    INVALID,
    /** A frame could not be recorded. */
    FAULT;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
