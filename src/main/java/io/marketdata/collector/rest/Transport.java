package io.marketdata.collector.rest;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Sends one GET and brings back what was answered, whatever it is. Any thread. */
public interface Transport {

    /**
     * What was answered.
     *
     * @param status of HTTP
     * @param headers by their names in lower case; of several values the first
     */
    record Answer(int status, Map<String, String> headers, String body) {
        public Answer {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * Asks and waits for the whole answer.
     *
     * @param timeout for everything, from the connection to the last byte of the body
     * @throws IOException if there is no whole answer within that time
     */
    Answer get(URI uri, Map<String, String> headers, Duration timeout) throws IOException, InterruptedException;
}
