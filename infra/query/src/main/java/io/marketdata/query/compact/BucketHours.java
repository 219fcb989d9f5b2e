package io.marketdata.query.compact;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compacted hours in the bucket. The two files are replaced first and the commit object last: after a crash between the
 * three, the digests in the commit object show that they do not belong together, and the next run makes the hour again.
 */
public final class BucketHours implements KeptHours {

    private static final int LARGEST_FILE = 1 << 30;

    private final ObjectStore store;

    public BucketHours(ObjectStore store) {
        this.store = store;
    }

    @Override
    public Optional<HourCommit> find(HourSource source) throws StoreException {
        return fault(source) == null ? commit(source.symbol(), source.hourMs()) : Optional.empty();
    }

    /** Empty also if it cannot be read: then it has to be written again. */
    public Optional<HourCommit> commit(Symbol symbol, long hourMs) throws StoreException {
        Optional<byte[]> bytes = store.get(CompactLayout.commit(symbol, hourMs), HourCommit.MAX_BYTES + 1);
        try {
            return bytes.isEmpty() ? Optional.empty() : Optional.of(HourCommit.read(bytes.get()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Why the hour in the bucket is not that of its parts; null if it is. */
    public @Nullable String fault(HourSource source) throws StoreException {
        Optional<HourCommit> commit = commit(source.symbol(), source.hourMs());
        if (commit.isEmpty()) {
            return "it is not compacted, or its commit object cannot be read";
        }
        if (!commit.get().sourceDigest().equals(source.digest().hex())) {
            return "its parts are others than those that it was compacted from";
        }
        String trades = CompactLayout.trades(source.symbol(), source.hourMs());
        String bars = CompactLayout.bars(source.symbol(), source.hourMs());
        return get(trades, commit.get(), "trades").isEmpty()
                ? trades + " is missing, or is not the file that the commit object names"
                : get(bars, commit.get(), "bars").isEmpty()
                        ? bars + " is missing, or is not the file that the commit object names"
                        : null;
    }

    /** The file of a commit object; empty if the object in the bucket is another one. */
    Optional<byte[]> get(String key, HourCommit commit, String table) throws StoreException {
        int most = (int) Math.min(commit.fileBytes(table) + 1, LARGEST_FILE);
        return store.get(key, most).filter(bytes -> Sha256.of(bytes).hex().equals(commit.fileDigest(table)));
    }

    @Override
    public void keep(Symbol symbol, long hourMs, HourCommit commit, Path trades, Path bars)
            throws StoreException, IOException {
        replace(CompactLayout.trades(symbol, hourMs), Files.readAllBytes(trades), ContentType.PARQUET);
        replace(CompactLayout.bars(symbol, hourMs), Files.readAllBytes(bars), ContentType.PARQUET);
        keep(symbol, hourMs, commit);
    }

    /** Replaces the commit object, which is done after the two files. */
    public void keep(Symbol symbol, long hourMs, HourCommit commit) throws StoreException {
        replace(CompactLayout.commit(symbol, hourMs), commit.bytes(), ContentType.JSON);
    }

    private void replace(String key, byte[] bytes, ContentType type) throws StoreException {
        store.replace(key, bytes, Sha256.of(bytes), type);
    }
}
