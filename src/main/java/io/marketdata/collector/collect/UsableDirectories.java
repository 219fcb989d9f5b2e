package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.model.DiskError;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.SpoolMarker;
import io.marketdata.collector.spool.SpoolRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Tries at the start whether the configured directories can be used, with every operation that the spool needs. Leaves
 * nothing behind; a directory that does not exist is tried where it would be created.
 */
public final class UsableDirectories {

    private UsableDirectories() {}

    /**
     * Tries the spool, and the bucket if it is a directory.
     *
     * @throws SpoolRefusedException naming the setting, if one can never be used as it is configured
     * @throws IOException if the disk of the spool fails; a full disk is left to the spool
     */
    public static void require(Settings settings, FileOps disk) throws IOException {
        Path spool = settings.spool().directory();
        // A spool has been used, and perhaps is at this moment: another process changes nothing in it.
        if (!Files.exists(SpoolMarker.file(spool), LinkOption.NOFOLLOW_LINKS)) {
            require("LOCAL_DIR", spool, disk);
        }
        if (settings.store() instanceof StoreTarget.Directory bucket) {
            require("RAW_BUCKET", bucket.directory(), disk);
        }
    }

    private static void require(String setting, Path directory, FileOps disk) throws IOException {
        Path existing = directory;
        while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        try {
            probe(existing, disk);
        } catch (NoSpaceException e) {
            // The spool pauses by itself, and the bucket's uploads are retried.
        } catch (IOException e) {
            if (!DiskError.isWrongPlace(e)) {
                throw e;
            }
            throw new SpoolRefusedException(
                    setting + "=" + directory + " cannot be used: in " + existing + ": " + DiskError.explained(e));
        }
    }

    private static void probe(Path directory, FileOps disk) throws IOException {
        String name = ".probe-" + ProcessHandle.current().pid() + "-" + Time.SYSTEM.nanoTime();
        Path file = directory.resolve(name);
        Path renamed = directory.resolve(name + ".lock");
        try {
            try (AppendFile probe = disk.create(file)) {
                probe.write(new byte[] {'\n'}, 0, 1);
                probe.sync();
            }
            disk.rename(file, renamed);
            disk.lock(renamed).close();
            disk.syncDirectory(directory);
        } finally {
            disk.delete(file);
            disk.delete(renamed);
        }
    }
}
