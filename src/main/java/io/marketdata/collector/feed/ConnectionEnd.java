package io.marketdata.collector.feed;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Records why a connection has ended: later reasons follow from the first. One thread writes, any thread reads. */
final class ConnectionEnd {

    /**
     * How a connection ended.
     *
     * @param cause {@link EndCause#CLOSED} if nothing else is known
     * @param status HTTP status of a refused upgrade; 0 if it was not refused
     * @param retryAfterSeconds from the refusal; -1 if it has none
     * @param reason one line for the log
     */
    record Outcome(EndCause cause, int status, long retryAfterSeconds, String reason) {}

    private final Time time;
    private final Duration connectTimeout;
    private final Duration idleTimeout;
    private volatile int refusedStatus;
    private volatile long retryAfterSeconds = -1;
    private volatile @Nullable String reason;
    private volatile EndCause cause = EndCause.CLOSED;

    ConnectionEnd(Time time, Duration connectTimeout, Duration idleTimeout) {
        this.time = time;
        this.connectTimeout = connectTimeout;
        this.idleTimeout = idleTimeout;
    }

    void because(EndCause newCause, String newReason) {
        if (reason == null) {
            cause = newCause;
            reason = newReason;
        }
    }

    /**
     * Records that the connection broke off without a close handshake; the library does not report why.
     *
     * @param connecting the upgrade had not been answered
     * @param sinceNanos monotonic: when the connection was started or, after the upgrade, received its last frame
     */
    void brokenOff(boolean connecting, long sinceNanos, String text) {
        Duration limit = connecting ? connectTimeout : idleTimeout;
        boolean waited = time.nanoTime() - sinceNanos >= limit.toNanos();
        if (connecting) {
            String silent = "no answer within " + limit.toMillis() + " ms";
            because(EndCause.UNREACHABLE, (waited ? silent : "the connection broke off before it was answered") + text);
        } else if (waited) {
            because(EndCause.IDLE, "no frame for " + limit.toSeconds() + " s" + text);
        } else {
            because(EndCause.BROKEN, "the connection broke off" + text);
        }
    }

    /** Records the close handshake; {@code text} follows the code. */
    void closed(int code, String text, boolean byServer) {
        EndCause side = byServer ? EndCause.CLOSED : EndCause.INVALID;
        because(side, "closed by " + (byServer ? "the exchange" : "the collector") + ", code " + code + text);
    }

    /**
     * Records that the exchange answered the upgrade with a status other than 101.
     *
     * @param retryAfter the header's text; empty if the answer has none
     * @param date of the answer; empty if it has none
     */
    void refused(int status, String retryAfter, String date) {
        Duration demanded = Backoff.demanded(retryAfter, date, time.epochMillis());
        retryAfterSeconds = demanded.isZero() ? -1 : demanded.toSeconds();
        refusedStatus = status;
        because(EndCause.REFUSED, "the exchange refused the connection with HTTP " + status);
    }

    Outcome outcome() {
        String known = reason;
        return new Outcome(cause, refusedStatus, retryAfterSeconds, known == null ? "the connection ended" : known);
    }
}
