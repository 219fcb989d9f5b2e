package io.marketdata.collector.read;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Reads the parts of one symbol in a bucket. Each check lists the folders from the minute before the newest one in which a
 * part was found, because instances upload at different times; each object is read once. A part that is uploaded later than
 * that, from a backlog, is not found. One request lists an hour; after a day without a part the oldest hours are left out.
 */
public final class BucketTail implements Tail {

    private static final long MINUTE_MS = TimeUnit.MINUTES.toMillis(1);
    private static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);
    private static final long DAY_MS = TimeUnit.DAYS.toMillis(1);

    /** A minute of one symbol has some tens; a bucket that holds more is read in portions. */
    private static final int MOST_OF_A_MINUTE = 10_000;

    private final ObjectStore store;
    private final NewTrades trades;
    private final Symbol symbol;
    private final int maxObject;
    private final Time time;

    /** Keys of the objects in the folders that are listed again. */
    private final TreeSet<String> read = new TreeSet<>();

    /** Start of the first minute to list, ms since 1970 UTC. */
    private long fromMs;

    /** An object that is a part. */
    private record Part(StoredObject object, PartName name) {
        long minuteMs() {
            return name.epochMs() - name.epochMs() % MINUTE_MS;
        }
    }

    /**
     * @param fromMs time of the first folder, ms since 1970 UTC: the time from which trades are wanted, less the length
     *     of a part
     * @param maxObject a larger object is not read; bytes
     */
    public BucketTail(ObjectStore store, NewTrades trades, long fromMs, int maxObject, Time time) {
        this.store = store;
        this.trades = trades;
        this.symbol = trades.symbol();
        this.fromMs = Math.max(0, fromMs - fromMs % MINUTE_MS);
        this.maxObject = maxObject;
        this.time = time;
    }

    @Override
    public void check() throws StoreException {
        long endMs = time.epochMillis() + MINUTE_MS;
        try {
            for (long hour = fromMs - fromMs % HOUR_MS; hour <= endMs && !trades.isUnwanted(); hour += HOUR_MS) {
                checkHour(KeyLayout.hour(symbol, hour));
            }
        } finally {
            trades.handOver();
        }
        fromMs = Math.max(fromMs, endMs - endMs % MINUTE_MS - DAY_MS);
        forget();
    }

    private void checkHour(String folder) throws StoreException {
        String first = KeyLayout.minute(symbol, fromMs);
        String after = first.startsWith(folder) ? first : "";
        List<Part> minute = new ArrayList<>();
        Listing page;
        do {
            page = store.list(folder, after);
            for (StoredObject object : page.objects()) {
                Optional<Part> part = part(object);
                if (part.isPresent()) {
                    boolean another = !minute.isEmpty()
                            && minute.get(0).minuteMs() != part.get().minuteMs();
                    if (another || minute.size() >= MOST_OF_A_MINUTE) {
                        readAll(minute);
                    }
                    minute.add(part.get());
                }
            }
            after = page.lastKey();
        } while (!page.isLast() && !trades.isUnwanted());
        readAll(minute);
    }

    /** Empty for everything but a part under its own key that was not read yet. */
    private Optional<Part> part(StoredObject object) {
        String fileName = object.key().substring(object.key().lastIndexOf('/') + 1);
        return PartState.PACKED
                .part(fileName)
                .filter(name -> KeyLayout.part(symbol, name).equals(object.key()) && !read.contains(object.key()))
                .map(name -> new Part(object, name));
    }

    private void readAll(List<Part> minute) throws StoreException {
        minute.sort(Comparator.comparing(Part::name));
        for (Part part : minute) {
            read(part.object());
            // A clock that is ahead must not hide what others store meanwhile.
            long newest = Math.min(part.name().epochMs(), time.epochMillis());
            fromMs = Math.max(fromMs, newest - newest % MINUTE_MS - MINUTE_MS);
        }
        minute.clear();
        trades.handOver();
        forget();
    }

    private void read(StoredObject object) throws StoreException {
        if (object.bytes() > maxObject) {
            trades.leaveOut(object.key(), tooLarge(object.bytes()));
        } else {
            store.get(object.key(), maxObject).ifPresent(gzip -> trades.readGzip(object.key(), gzip));
        }
        read.add(object.key());
    }

    private String tooLarge(long bytes) {
        return "it has " + LogText.count(bytes, "byte") + ", at most " + maxObject + " are read; download it instead";
    }

    /** What is not listed again need not be remembered. */
    private void forget() {
        read.headSet(KeyLayout.minute(symbol, fromMs)).clear();
    }

    @Override
    public String describe() {
        return store.describe() + ", folder " + KeyLayout.minute(symbol, fromMs) + " and later";
    }
}
