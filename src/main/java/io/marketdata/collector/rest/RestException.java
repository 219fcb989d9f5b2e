package io.marketdata.collector.rest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request that brought nothing usable. The message is one line: which request, what happened, what to do. */
public final class RestException extends Exception {
    private static final long serialVersionUID = 1;

    /** Whose business it is. */
    public enum Kind {
        /** Nobody's: 5xx, time-outs, the network. It passes. */
        UNAVAILABLE("unavailable"),
        /** Nobody's: too many requests, or our own limit is reached and nothing was sent. It passes. */
        LIMITED("limited"),
        /** The operator's: this address or key is not served. The message names the remedy. */
        REFUSED("refused"),
        /** The asker's: the request is not understood, or the answer is not what was asked for. */
        INVALID("invalid");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The word used in metrics. */
        public String label() {
            return label;
        }
    }

    private final Kind kind;
    private final int exchangeCode;
    private final Duration stayAway;

    RestException(Kind kind, String message, int exchangeCode, Duration stayAway, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.exchangeCode = exchangeCode;
        this.stayAway = stayAway;
    }

    public Kind kind() {
        return kind;
    }

    /** The exchange's own code, for example -1121; 0 if it sent none (Binance errors.md, 2026-07). */
    public int exchangeCode() {
        return exchangeCode;
    }

    /** No request is sent for so long from now; zero if the next may go out at once. */
    public Duration stayAway() {
        return stayAway;
    }
}
