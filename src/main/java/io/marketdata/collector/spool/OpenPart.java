package io.marketdata.collector.spool;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.RotationPolicy.Slot;
import io.marketdata.collector.trade.TradeLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A part file that is being appended to, or was and has not been sealed yet. Appended and retired under the writer's
 * lock; {@link #sync} and {@link #close} may be called by other threads.
 */
final class OpenPart {

    final PartName name;
    final Slot slot;
    final long openedNanos;
    private final AppendFile file;

    private long bytes;
    private long records;

    /** Ids of the lines, without the consecutive ones from {@link #firstId} to {@link #lastId}. */
    private final List<IdRange> written = new ArrayList<>();

    private long firstId = -1;
    private long lastId = -2;
    private RotatedBy rotatedBy = RotatedBy.RECOVERY;
    private long duplicatesDropped;
    private long rejected;
    private volatile boolean entryDurable;
    private volatile boolean flushFailed;

    OpenPart(PartName name, Slot slot, long openedNanos, AppendFile file) {
        this.name = name;
        this.slot = slot;
        this.openedNanos = openedNanos;
        this.file = file;
    }

    void append(long id, TradeLine line) throws IOException {
        file.write(line.bytes(), 0, line.length());
        bytes += line.length();
        records++;
        if (id != lastId + 1) {
            endRange();
            firstId = id;
        }
        lastId = id;
    }

    private void endRange() {
        if (firstId >= 0) {
            written.add(new IdRange(firstId, lastId));
        }
    }

    void retire(RotatedBy reason, long duplicates, long rejectedFrames) {
        rotatedBy = reason;
        duplicatesDropped = duplicates;
        rejected = rejectedFrames;
    }

    /**
     * Makes the written lines durable; the first call also makes the file's directory entry durable. A failed flush is
     * not repeated: the kernel may have dropped what it could not write, and the second flush would succeed without it
     * (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
     */
    void sync(Spool spool) throws IOException {
        if (flushFailed) {
            throw new IOException("an earlier flush of " + name + " in " + spool.directory() + " failed");
        }
        try {
            file.sync();
        } catch (IOException e) {
            flushFailed = true;
            throw e;
        }
        if (!entryDurable) {
            spool.syncDirectory();
            entryDurable = true;
        }
    }

    void close() throws IOException {
        file.close();
    }

    long bytes() {
        return bytes;
    }

    long records() {
        return records;
    }

    /** Called once, when the part no longer grows. */
    SealedPart sealed(Spool spool) {
        endRange();
        return new SealedPart(spool, name, rotatedBy, duplicatesDropped, rejected, written);
    }
}
