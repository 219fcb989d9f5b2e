package io.marketdata.collector.upload;

import org.jspecify.annotations.Nullable;

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
    private final String remedy;

    /**
     * @param fault what happened, to which object
     * @param remedy what to do; "" if there is nothing
     */
    public StoreException(Kind kind, String fault, String remedy, @Nullable Throwable cause) {
        super(remedy.isEmpty() ? fault : fault + "; " + remedy, cause);
        this.kind = kind;
        this.remedy = remedy;
    }

    /** @param message what happened, to which object, and for {@link Kind#REFUSED} what to do */
    public StoreException(Kind kind, String message, Throwable cause) {
        this(kind, message, "", cause);
    }

    /** @param message what happened, to which object, and for {@link Kind#REFUSED} what to do */
    public StoreException(Kind kind, String message) {
        this(kind, message, "", null);
    }

    /** What to do, as at the end of the message; "" if the message does not say it apart. */
    public String remedy() {
        return remedy;
    }

    /** The message without the remedy. */
    public String fault() {
        String message = String.valueOf(getMessage());
        return remedy.isEmpty() ? message : message.substring(0, message.length() - remedy.length() - 2);
    }

    public Kind kind() {
        return kind;
    }
}
