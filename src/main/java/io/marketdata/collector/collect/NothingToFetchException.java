package io.marketdata.collector.collect;

/** Thrown by {@link Backfill} when no id of the range can be requested. The message is for a person. */
public final class NothingToFetchException extends Exception {
    private static final long serialVersionUID = 1;

    NothingToFetchException(String message) {
        super(message);
    }
}
