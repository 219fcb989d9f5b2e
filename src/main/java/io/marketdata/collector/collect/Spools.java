package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.UnparsedFrames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The disk side of a collector.
 *
 * @param all one for each symbol
 * @param live writers of the trades that connections deliver
 * @param backfilled writers of the trades that come over REST
 * @param unparsed frames that are not understood
 * @param space whether the spool may grow
 */
record Spools(List<Spool> all, Writers live, Writers backfilled, UnparsedFrames unparsed, SpaceWatch space) {

    /**
     * Takes the lock of every symbol's directory and measures the room on the disk.
     *
     * @param sealed takes each part that is complete
     * @throws FileOps.LockedException if another process records into one of the directories
     */
    static Spools open(Wiring wiring, FileOps disk, Consumer<SealedPart> sealed) throws IOException {
        Settings.Spool settings = wiring.settings().spool();
        Spools spools = new Spools(
                new ArrayList<>(),
                new Writers(),
                new Writers(),
                wiring.unparsedFrames(disk, wiring.settings().spool().directory()),
                wiring.spaceWatch(disk));
        for (Symbol symbol : wiring.settings().symbols()) {
            Spool spool = Spool.open(disk, settings.directory(), symbol);
            spools.all.add(spool);
            spools.live.add(symbol, wiring.writer(spool, Origin.STREAM, sealed));
            spools.backfilled.add(symbol, wiring.writer(spool, Origin.REST, sealed));
        }
        spools.space.check();
        return spools;
    }

    /** Makes every accepted trade durable. Only the fsync thread. */
    void sync(ThreadProgress progress) throws IOException {
        live.sync(progress);
        backfilled.sync(progress);
    }

    /** Seals what is open, when nothing is appended any more; {@code faults} takes each part that could not be sealed. */
    void seal(Consumer<IOException> faults) throws IOException {
        live.close(faults);
        backfilled.close(faults);
        unparsed.seal();
    }

    /** Releases the locks. */
    void close() throws IOException {
        for (Spool spool : all) {
            spool.close();
        }
        unparsed.close();
    }
}
