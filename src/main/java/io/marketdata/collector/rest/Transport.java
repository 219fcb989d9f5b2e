package io.marketdata.collector.rest;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Sends one GET request and returns the answer, whatever its status. Any thread. */
public interface Transport {

    /**
     * An HTTP answer.
     *
     * @param headers by name in lower case; the first of several values
     */
    record Answer(int status, Map<String, String> headers, String body) {
        public Answer {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * Sends the request and waits for the complete answer.
     *
     * @param timeout from connecting to the last byte of the body
     * @throws IOException if there is no complete answer within that time
     */
    Answer get(URI uri, Map<String, String> headers, Duration timeout) throws IOException, InterruptedException;
}
