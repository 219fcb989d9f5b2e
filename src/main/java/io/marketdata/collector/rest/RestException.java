package io.marketdata.collector.rest;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Thrown for a request without a usable answer. The message is one line: which request, what happened, what to do. */
public final class RestException extends Exception {
    private static final long serialVersionUID = 1;

    /** Who has to act. */
    public enum Kind {
        /** No action needed: 5xx, time-outs, the network. Temporary. */
        UNAVAILABLE,
        /** No action needed: too many requests, or nothing was sent because of the collector's own limit. Temporary. */
        LIMITED,
        /** The operator: this address or API key is not served. The message names the remedy. */
        REFUSED,
        /** The caller: the request is not understood, or the answer does not match it. */
        INVALID;

        /** The word used in metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
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

    /** How long from now no request is sent; zero if the next may be sent at once. */
    public Duration stayAway() {
        return stayAway;
    }
}
