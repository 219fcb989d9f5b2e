package io.marketdata.collector.doctor;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.FileOps.AppendFile;
import io.marketdata.collector.spool.FileOps.LockedException;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolUsage;
import io.marketdata.collector.spool.SpoolUsage.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Checks this machine: Java, limits and the disk of {@code LOCAL_DIR}. Leaves the disk as it was. One thread. */
public final class MachineChecks {

    private static final int OLDEST_JAVA = 17;

    /** The newest version that every release is tested with. */
    private static final int NEWEST_JAVA = 25;

    private static final int USUAL_OPEN_FILES = 1_024;

    /** Files of the JVM, and connections to the exchange and the bucket. */
    private static final int OPEN_FILES_AT_REST = 200;

    /** A lock, an open part, and backfilled parts that are not sealed yet. */
    private static final int OPEN_FILES_PER_SYMBOL = 4 + RotatingWriter.MOST_UNSEALED;

    private static final long MIB = 1 << 20;

    private final Settings settings;
    private final Machine machine;
    private final FileOps disk;
    private final long pid;

    /** @param pid of this process; part of the name of the test file */
    public MachineChecks(Settings settings, Machine machine, FileOps disk, long pid) {
        this.settings = settings;
        this.machine = machine;
        this.disk = disk;
        this.pid = pid;
    }

    public List<Finding> java() {
        int feature = machine.javaFeature();
        if (feature < OLDEST_JAVA) {
            return List.of(
                    Finding.fail("java", "Java " + feature, "install Java " + OLDEST_JAVA + " to " + NEWEST_JAVA));
        }
        if (feature > NEWEST_JAVA) {
            return List.of(Finding.warn(
                    "java",
                    "Java " + feature + " is newer than the newest tested version, " + NEWEST_JAVA,
                    "use Java " + OLDEST_JAVA + " to " + NEWEST_JAVA
                            + ", or try it first beside a collector on one of those"));
        }
        return List.of(Finding.ok("java", "Java " + feature));
    }

    public List<Finding> openFiles() {
        OptionalLong limit = machine.openFileLimit();
        if (limit.isEmpty()) {
            return List.of(Finding.ok("open files", "this system does not report the limit"));
        }
        int symbols = settings.symbols().size();
        long need = Math.max(USUAL_OPEN_FILES, OPEN_FILES_AT_REST + (long) OPEN_FILES_PER_SYMBOL * symbols);
        String found = limit.getAsLong() == Long.MAX_VALUE ? "no limit" : "at most " + limit.getAsLong();
        if (limit.getAsLong() < need) {
            return List.of(Finding.warn(
                    "open files",
                    found + "; " + LogText.count(symbols, "symbol") + " may need " + need,
                    "raise it: LimitNOFILE=" + need
                            + " in the systemd unit, ulimit -n in a shell, --ulimit nofile for a" + " container"));
        }
        return List.of(Finding.ok("open files", found));
    }

    /** Whether the spool can be written and locked, which processes use it, and whether it survives a reboot. */
    public List<Finding> directory() {
        Path directory = settings.spool().directory();
        List<Path> missing = new ArrayList<>();
        for (Path each = directory; each != null && !Files.exists(each); each = each.getParent()) {
            missing.add(each);
        }
        List<Finding> findings = new ArrayList<>();
        try {
            disk.createDirectories(directory);
            tryFile(directory.resolve(".doctor-" + pid));
            findings.add(Finding.ok("spool", directory + " can be written and locked"));
            findings.addAll(users(directory));
            findings.addAll(space(directory));
            findings.add(survives(directory, machine.fileSystem(directory)));
        } catch (LockedException e) {
            findings.add(Finding.fail(
                    "spool",
                    directory + ": the file system does not support locks",
                    "set LOCAL_DIR to a local disk, for example /var/lib/market-data"));
        } catch (IOException e) {
            findings.add(Finding.fail(
                    "spool",
                    directory + " cannot be used: " + e,
                    "give this process's user write permission, or set LOCAL_DIR to a directory where it has it"));
        } finally {
            remove(missing);
        }
        return findings;
    }

    /** Uses a file of its own, not a lock file of the collector: that could take the lock from a collector that starts. */
    private void tryFile(Path file) throws IOException {
        byte[] text = "test of doctor\n".getBytes(StandardCharsets.US_ASCII);
        disk.delete(file);
        try {
            try (AppendFile out = disk.create(file)) {
                out.write(text, 0, text.length);
                out.sync();
            }
            disk.lock(file).close();
        } finally {
            disk.delete(file);
        }
    }

    /** Removes directories made here: if root made them, the collector's user could not write to them. */
    private void remove(List<Path> made) {
        for (Path each : made) {
            try {
                disk.delete(each);
            } catch (IOException e) {
                return; // another process uses it already
            }
        }
    }

    private List<Finding> users(Path directory) throws IOException {
        List<Finding> used = new ArrayList<>();
        for (SpoolFolder folder : SpoolFolder.below(directory)) {
            OptionalLong holder = machine.holder(folder.lockFile());
            if (holder.isPresent() && settings.symbols().contains(folder.symbol())) {
                used.add(Finding.warn(
                        "spool",
                        folder.label() + " is in use by process " + holder.getAsLong()
                                + "; a second collector would exit with " + ExitCode.SPOOL_IN_USE.code(),
                        "nothing, if that is your collector; otherwise stop it, or set another LOCAL_DIR"));
            }
        }
        return used;
    }

    private List<Finding> space(Path directory) throws IOException {
        long max = settings.spool().maxBytes();
        long minFree = settings.spool().minFreeBytes();
        long used = SpoolUsage.measure(disk, directory).bytes(Kind.PARTS);
        long free = disk.freeBytes(directory);
        String measured = free / MIB + " MiB free on the disk, " + used / MIB + " MiB of parts, spool.max_bytes "
                + max / MIB + " MiB, spool.min_free_bytes " + minFree / MIB + " MiB";
        if (used >= max || free <= minFree) {
            return List.of(Finding.fail(
                    "disk",
                    "full, ingestion would pause: " + measured,
                    "free disk space, upload the backlog with spool upload, or set LOCAL_DIR to a larger disk"));
        }
        if (free - minFree < max - used) {
            return List.of(
                    Finding.warn(
                            "disk",
                            "the disk fills up before the spool does: " + measured,
                            "free " + (max - used + minFree - free + MIB - 1) / MIB
                                    + " MiB more, or lower spool.max_bytes; until then the free disk space limits the outage budget"));
        }
        return List.of(Finding.ok("disk", measured));
    }

    /** Bytes that an outage of the bucket may still fill; 0 if unknown. */
    public long room() {
        Path directory = settings.spool().directory();
        while (directory != null && !Files.isDirectory(directory)) {
            directory = directory.getParent();
        }
        try {
            Path localDir = settings.spool().directory();
            long used = localDir.equals(directory)
                    ? SpoolUsage.measure(disk, localDir).bytes(Kind.PARTS)
                    : 0;
            long free = directory == null ? 0 : disk.freeBytes(directory);
            long allowed = settings.spool().maxBytes() - used;
            return Math.max(0, Math.min(allowed, free - settings.spool().minFreeBytes()));
        } catch (IOException e) {
            return 0;
        }
    }

    static Finding survives(Path directory, String type) {
        String temporary = SpoolDirectory.temporary(directory, type).orElse(null);
        if (temporary != null) {
            return Finding.warn(
                    "file system",
                    temporary,
                    "set LOCAL_DIR to a permanent directory, for example /var/lib/market-data");
        }
        return Finding.ok("file system", type);
    }

    /** The settings are valid, otherwise no check would run. */
    public List<Finding> settings() {
        String symbols = settings.symbols().stream().map(Symbol::value).collect(Collectors.joining(","));
        String where = settings.store().describe();
        List<Finding> findings = new ArrayList<>();
        findings.add(
                Finding.ok("settings", "valid: " + symbols + ", instance " + settings.instance() + ", to " + where));
        settings.warnings().forEach(warning -> findings.add(warning(warning)));
        settings.describeRoutes().forEach(route -> findings.add(Finding.ok("route", route)));
        return findings;
    }

    /** Splits a warning as settings word it: what was found; after the last semicolon what to do. */
    private static Finding warning(String text) {
        int at = text.lastIndexOf("; ");
        return at < 0
                ? Finding.warn("settings", text, "correct it, or start the collector anyway")
                : Finding.warn("settings", text.substring(0, at), text.substring(at + 2));
    }
}
