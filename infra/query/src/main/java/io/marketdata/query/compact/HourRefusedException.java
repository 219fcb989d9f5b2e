package io.marketdata.query.compact;

/** An hour that cannot be made from its parts: with the reason, and the parts as far as they are known. */
public final class HourRefusedException extends Exception {
    private static final long serialVersionUID = 1;

    HourRefusedException(String message) {
        super(message);
    }
}
