package io.marketdata.collector.read;

import io.marketdata.collector.upload.StoreException;
import java.io.IOException;

/** A place where the trades of one symbol are stored, read again and again while it grows. One thread. */
public interface Tail {

    /**
     * Reads what is new since the last check.
     *
     * @throws StoreException if the bucket does not answer; the next check continues there
     * @throws IOException if the directory cannot be listed
     */
    void check() throws StoreException, IOException;

    /** Where it looks, for a message. */
    String describe();
}
