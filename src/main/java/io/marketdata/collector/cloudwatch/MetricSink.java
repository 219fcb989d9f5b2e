package io.marketdata.collector.cloudwatch;

import java.util.List;
import java.util.Locale;

/** Publishes metric values. One thread. */
interface MetricSink extends AutoCloseable {

    /**
     * Publishes the values in one call; waits for the answer for a limited time.
     *
     * @param data at most {@link Publisher#MAX_DATA}
     * @throws PutException if the arrival is not confirmed
     */
    void put(List<Datum> data) throws PutException;

    @Override
    void close();

    /** A call failed; the message says why and what to do. */
    @SuppressWarnings("serial")
    final class PutException extends Exception {

        private final Outcome outcome;

        PutException(Outcome outcome, String message, Throwable cause) {
            super(message, cause);
            this.outcome = outcome;
        }

        Outcome outcome() {
            return outcome;
        }
    }

    enum Outcome {
        OK,
        /** Clears by itself. */
        UNAVAILABLE,
        /** The operator must act. */
        REFUSED;

        /** As written in metrics. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
