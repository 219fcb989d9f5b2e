package io.marketdata.query.compact;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Where finished hours are kept. Found by one thread and kept by another. */
interface KeptHours {

    /** The hour of this source, if it is there and whole. */
    Optional<HourCommit> find(HourSource source) throws StoreException, IOException;

    /** Keeps an hour; the commit object last. */
    void keep(Symbol symbol, long hourMs, HourCommit commit, Path trades, Path bars) throws StoreException, IOException;
}
