package io.marketdata.collector.feed;

import org.jspecify.annotations.Nullable;

/** Why a connection has ended. The first reason is the cause, the others follow from it. One thread at a time tells, any asks. */
final class ConnectionEnd {

    /**
     * How a connection ended.
     *
     * @param cause {@link EndCause#CLOSED} if nothing else is known
     * @param status HTTP status of a refused upgrade; 0 if it was not refused
     * @param retryAfterSeconds what the refusal says; -1 if it does not
     * @param reason for people, one line
     */
    record Told(EndCause cause, int status, long retryAfterSeconds, String reason) {}

    private volatile int refusedStatus;
    private volatile long retryAfterSeconds = -1;
    private volatile @Nullable String reason;
    private volatile EndCause cause = EndCause.CLOSED;

    void because(EndCause why, String words) {
        if (reason == null) {
            cause = why;
            reason = words;
        }
    }

    /**
     * The exchange answered the upgrade with another status than 101.
     *
     * @param retryAfter seconds; -1 if it does not say
     */
    void refused(int status, long retryAfter) {
        retryAfterSeconds = retryAfter;
        refusedStatus = status;
        because(EndCause.REFUSED, "the exchange refused the connection with HTTP " + status);
    }

    Told told() {
        String words = reason;
        return new Told(cause, refusedStatus, retryAfterSeconds, words == null ? "the connection ended" : words);
    }
}
