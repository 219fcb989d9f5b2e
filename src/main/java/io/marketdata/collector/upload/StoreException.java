package io.marketdata.collector.upload;

/**
 * A request that failed. Nothing is lost: the file stays in the spool and is retried indefinitely; the kind only decides
 * the level of the log line and the health finding.
 */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    /** Cause of the failure, and who has to act. */
    public enum Kind {
        /** Temporary, no action: the network, an overloaded or restarting store, expiring credentials. */
        UNAVAILABLE,
        /** The operator has to act: permissions, bucket name, region, credentials. The message names the remedy. */
        REFUSED,
        /** The store received or holds other bytes than were sent. */
        CORRUPTED
    }

    private final Kind kind;

    /** @param message what happened, to which object, and for {@link Kind#REFUSED} what to do */
    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** @param message what happened, to which object, and for {@link Kind#REFUSED} what to do */
    public StoreException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
