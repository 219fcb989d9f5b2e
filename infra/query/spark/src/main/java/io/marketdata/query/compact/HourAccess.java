package io.marketdata.query.compact;

import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lets the Spark job read hours, digests and commit objects with the classes of {@code compact}. In their package, because
 * they are not public: both programs are one tool with two engines.
 */
public final class HourAccess {

    /** An hour in ms. */
    public static final long HOUR_MS = HourSource.HOUR_MS;

    private HourAccess() {}

    /** What an hour is made from. */
    public static HourSource read(ObjectStore store, Symbol symbol, long hourMs, Parallel parallel, long nowMs)
            throws InterruptedException {
        return HourSource.read(store, symbol, hourMs, parallel, nowMs);
    }

    /** Whether nothing is recorded. */
    public static boolean isEmpty(HourSource source) {
        return source.isEmpty();
    }

    /** The digest of the source, in hexadecimal. */
    public static String digest(HourSource source) {
        return source.digest().hex();
    }

    /** Why the hour in the bucket is not that of its parts; null if it is. */
    public static @Nullable String fault(ObjectStore store, HourSource source) throws StoreException {
        return new BucketHours(store).fault(source);
    }

    /** The commit object of an hour, if it is there and can be read. */
    public static Optional<HourCommit> commit(ObjectStore store, HourSource source) throws StoreException {
        return new BucketHours(store).commit(source.symbol(), source.hourMs());
    }

    /** Reads a commit object. */
    public static HourCommit commit(byte[] bytes) throws IOException {
        return HourCommit.read(bytes);
    }
}
