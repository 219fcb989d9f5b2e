package io.marketdata.collector.cloudwatch;

import java.util.List;

/** Takes what is told. One thread. */
interface MetricSink extends AutoCloseable {

    /**
     * Hands it on in one call; waits for the answer, but not for long.
     *
     * @param data at most {@link Publisher#MAX_DATA}
     * @throws PutException if it is not known to have arrived
     */
    void put(List<Datum> data) throws PutException;

    @Override
    void close();

    /** A call that failed; the message says why and what to do. */
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

    /** How a call ended. */
    enum Outcome {
        OK("ok"),
        /** Passes by itself. */
        UNAVAILABLE("unavailable"),
        /** Somebody must do something. */
        REFUSED("refused");

        private final String label;

        Outcome(String label) {
            this.label = label;
        }

        /** In metrics. */
        String label() {
            return label;
        }
    }
}
