package io.marketdata.collector.read;

import java.util.List;

/** Takes what is read. Called by the thread that reads. */
public interface Output {

    /** Takes trades of one symbol, by ascending id. */
    void trades(List<StoredTrade> trades);

    /**
     * Takes a sentence for a person about what is left out.
     *
     * @param isWholePart whether a part, or the rest of it, was not read; otherwise single lines
     */
    void leftOut(String text, boolean isWholePart);

    /** Whether nothing more is wanted: the reader has gone. */
    boolean isClosed();
}
