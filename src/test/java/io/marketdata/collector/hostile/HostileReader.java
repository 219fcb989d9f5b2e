package io.marketdata.collector.hostile;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Code that reads what others may have written.
 *
 * @param most bytes of the largest input that its caller lets through, or more
 * @param refusal the only exception that it may throw
 */
record HostileReader(String name, int most, List<String> valid, Class<? extends Exception> refusal, Body body) {

    /** Reads one input. */
    interface Body {
        void read(byte[] input) throws Exception;
    }

    /** For readers that answer whatever the input is. */
    static final class NeverRefuses extends Exception {
        private static final long serialVersionUID = 1;
    }

    List<byte[]> validBytes() {
        return valid.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }
}
