package io.marketdata.collector.e2e;

import io.marketdata.collector.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code .checkpoint} files of a collector. */
final class SpoolCheckpoints {

    private static final Pattern HIGHEST = Pattern.compile(" highest_id=(\\d+) ");

    private SpoolCheckpoints() {}

    /**
     * Whether every trade up to that id, which is the last one, has been packed. Trades that come only over REST,
     * because no connection was open when they were made, are listed as ahead of the connections' high-water mark.
     */
    static boolean nothingIsMissingUpTo(long id, Path symbolFolder) throws IOException {
        String last;
        try {
            last = Files.readString(symbolFolder.resolve(".checkpoint"));
        } catch (NoSuchFileException e) {
            return false;
        }
        Matcher highest = HIGHEST.matcher(last);
        if (last.contains(" missing=") || !highest.find()) {
            return false;
        }
        long next = Long.parseLong(highest.group(1)) + 1;
        return next == id + 1 || last.contains(" ahead=" + next + "-" + id);
    }

    /** Waits until everything up to that id, which is the last one, has left the spool of a collector. */
    static void awaitAllUploaded(long id, Path home, int seconds) throws Exception {
        Path spool = SpoolReader.spool(home);
        Await.until(
                "everything up to " + id + " is in the bucket",
                seconds,
                () -> nothingIsMissingUpTo(id, spool) && SpoolReader.ids(spool).isEmpty());
    }
}
