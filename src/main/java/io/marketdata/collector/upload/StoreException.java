package io.marketdata.collector.upload;

/**
 * A put that failed. Nothing is lost by it: the file stays in the spool and is tried again indefinitely; the kind only
 * decides how soon, and how loudly somebody is told.
 */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    /** Who has to do something about it. */
    public enum Kind {
        /** Nobody: the network, an overloaded or restarting store, expiring credentials. It passes. */
        UNAVAILABLE,
        /** The operator: rights, bucket name, region, credentials. The message names the remedy. */
        REFUSED,
        /** The store says that other bytes arrived than were sent. */
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
