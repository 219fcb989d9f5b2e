package io.marketdata.collector.spool;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether {@code LOCAL_DIR} and the spool's directories in it are this user's alone: whatever another account put there
 * would be uploaded under our credentials. Other names in {@code LOCAL_DIR} ({@code lost+found}) and its parents are not
 * judged, so a directory in {@code /tmp} may be used.
 */
public final class SpoolDirectory {

    private static final List<String> LEVELS = List.of("exchange=*", "stream=*", "symbol=*", Spool.QUARANTINE);
    private static final List<String> BESIDE =
            List.of(UnparsedFolder.NAME, UnparsedFolder.FORMER_NAME, Spool.BACKFILL, Spool.REPARSE);
    private static final Set<PosixFilePermission> FULL_ACCESS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);
    private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);

    private final int user;

    private SpoolDirectory(int user) {
        this.user = user;
    }

    /**
     * Checks every directory of the spool, if {@code LOCAL_DIR} exists; creates nothing. Of a directory that is ours, write
     * permission of the group is taken away and full access of the owner restored, each with a warning.
     *
     * @throws SpoolRefusedException if a directory is a symlink, is owned by another user (also by root), or may be
     *     written by every user
     */
    public static void require(Path localDir) throws IOException {
        if (!Files.exists(localDir, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        SpoolDirectory spool = new SpoolDirectory(user());
        try {
            spool.judge(localDir);
            for (String name : BESIDE) {
                spool.judgeAll(localDir, List.of(name));
            }
            spool.judgeAll(localDir, LEVELS);
            spool.judgeAll(localDir.resolve(Spool.BACKFILL), LEVELS);
            spool.judgeAll(localDir.resolve(Spool.REPARSE), LEVELS);
        } catch (UnsupportedOperationException e) {
            LOG.warn("Who may write to {} cannot be checked: its file system has no owners and permissions", localDir);
        }
    }

    /** Judges what matches the first pattern in a directory, and in that the rest; symlinks are not followed. */
    private void judgeAll(Path directory, List<String> patterns) throws IOException {
        if (patterns.isEmpty() || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, patterns.get(0))) {
            for (Path entry : entries) {
                if (Files.isSymbolicLink(entry) || Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    judge(entry);
                    judgeAll(entry, patterns.subList(1, patterns.size()));
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void judge(Path directory) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isSymbolicLink()) {
            throw new SpoolRefusedException(directory + " is a symlink, and symlinks in a spool are not followed: set"
                    + " LOCAL_DIR to " + Files.readSymbolicLink(directory) + " itself, or replace it by a directory");
        }
        if (!attributes.isDirectory()) {
            throw new SpoolRefusedException(directory + " is not a directory; set LOCAL_DIR to a directory");
        }
        int owner = (Integer) Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (owner != user) {
            String name = attributes.owner().getName();
            throw new SpoolRefusedException(directory + " is owned by user " + name + ", and this process runs as user "
                    + user + "; what another user put there would be uploaded. Run this as " + name
                    + ", or set another LOCAL_DIR, or if you trust its content: sudo chown -R " + user + " "
                    + directory);
        }
        Set<PosixFilePermission> permissions = attributes.permissions();
        if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new SpoolRefusedException("Every user may write to " + directory + ", and what is put there would be"
                    + " uploaded. If you trust its content: chmod 700 " + directory
                    + "; otherwise set another LOCAL_DIR");
        }
        if (permissions.contains(PosixFilePermission.GROUP_WRITE) || !permissions.containsAll(FULL_ACCESS)) {
            permissions.remove(PosixFilePermission.GROUP_WRITE);
            permissions.addAll(FULL_ACCESS);
            Files.setPosixFilePermissions(directory, permissions);
            LOG.warn("Corrected the permissions of {}: only its owner may write to it now", directory);
        }
    }

    /** The user of this process, as the file system numbers it. */
    private static int user() throws IOException {
        Path process = Path.of("/proc/self");
        if (Files.exists(process)) {
            return (Integer) Files.getAttribute(process, "unix:uid");
        }
        Path own = Files.createTempFile("collector", null);
        try {
            return (Integer) Files.getAttribute(own, "unix:uid");
        } finally {
            Files.delete(own);
        }
    }

    /** Why a directory does not survive a reboot, as far as its file system and its name show it. */
    public static Optional<String> temporary(Path directory) {
        try {
            return temporary(directory, Files.getFileStore(directory).type());
        } catch (IOException e) {
            // Java 17 does not find the mount table under ProcSubset=pid.
            return temporary(directory, "unknown");
        }
    }

    /**
     * The same for a known file system.
     *
     * @param type of its file system, as the mount table names it
     */
    public static Optional<String> temporary(Path directory, String type) {
        if (List.of("tmpfs", "ramfs").contains(type)) {
            return Optional.of(directory + " is " + type + ": memory, its backlog does not survive a reboot");
        }
        return directory.startsWith("/tmp")
                ? Optional.of(directory + " (" + type
                        + ") is below /tmp, which systems empty at a reboot or after a few days")
                : Optional.empty();
    }
}
