package io.marketdata.collector.spool;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What is below {@code LOCAL_DIR}, whichever symbols the settings name. Counted from outside, without locks: parts of a
 * running collector come and go meanwhile.
 *
 * @param parts number of parts that the bucket has not confirmed
 * @param unparsed number of files with messages that were not understood and are not uploaded yet
 * @param checkpoints number of symbol directories with a checkpoint
 * @param inUse whether a process is known to use one of the directories
 * @param unreadable directories whose content is unknown, with the reason
 */
public record Backlog(long parts, long unparsed, long checkpoints, boolean inUse, List<String> unreadable) {

    /** Reads the names below a spool; time and memory do not depend on what the files hold. */
    public static Backlog below(Path localDir) {
        List<String> unreadable = new ArrayList<>();
        SpoolListing listing = new SpoolListing(0);
        LockTable locks = LockTable.ofThisMachine();
        SpoolFolder.eachBelow(
                localDir,
                folder -> listing.add(folder, locks),
                (directory, e) -> unreadable.add(directory + ": " + e.getMessage()));
        long unparsed = 0;
        try {
            unparsed = framesFiles(localDir.resolve(UnparsedFolder.NAME));
        } catch (IOException e) {
            unreadable.add(localDir.resolve(UnparsedFolder.NAME) + ": " + e.getMessage());
        }
        List<SpoolListing.Totals> all = listing.totals();
        return new Backlog(
                all.stream().mapToLong(SpoolListing.Totals::parts).sum(),
                unparsed,
                all.stream()
                        .mapToLong(totals -> totals.files(SpoolFile.Kind.CHECKPOINT))
                        .sum(),
                all.stream().anyMatch(totals -> totals.holder().isPresent()),
                List.copyOf(unreadable));
    }

    private static long framesFiles(Path directory) throws IOException {
        long count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, UnparsedFolder.FILES)) {
            for (Path entry : entries) {
                count += Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS) ? 1 : 0;
            }
        } catch (NoSuchFileException e) {
            return 0;
        }
        return count;
    }

    /** Whether everything is known, and nothing is to be uploaded. */
    public boolean isEmpty() {
        return parts == 0 && unparsed == 0 && unreadable.isEmpty();
    }
}
