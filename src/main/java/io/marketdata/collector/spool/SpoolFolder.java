package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.SpoolFile.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A read-only view of one symbol's directory of a spool. Takes no lock and changes nothing, so it may be used beside
 * the collector that writes there. Files come and go meanwhile; one that has gone is skipped.
 *
 * @param localDir {@code LOCAL_DIR}, or its subdirectory {@code run}
 * @param run the command that writes there; empty: the collector
 */
public record SpoolFolder(Path localDir, Path directory, Symbol symbol, String run) {

    private static final String PREFIX = "symbol=";

    /** Takes a directory of a symbol. */
    public interface Visitor {
        void visit(SpoolFolder folder) throws IOException;
    }

    /** The collector's directory of a symbol, which need not exist. */
    public static SpoolFolder of(Path localDir, Symbol symbol) {
        Path directory = Spool.streamDirectory(localDir).resolve(PREFIX + symbol.encoded());
        return new SpoolFolder(localDir, directory, symbol, "");
    }

    /**
     * Every symbol's directory below {@code localDir}: the collector's, then those of
     * {@code backfill} and {@code reparse}, each sorted by symbol.
     */
    public static List<SpoolFolder> below(Path localDir) throws IOException {
        List<SpoolFolder> folders = new ArrayList<>(below(localDir, ""));
        for (String run : List.of(Spool.BACKFILL, Spool.REPARSE)) {
            folders.addAll(below(localDir.resolve(run), run));
        }
        return folders;
    }

    /**
     * Visits the same directories. One that cannot be read does not stop the others.
     *
     * @param faults takes each directory that could not be read or visited, with the reason
     */
    public static void eachBelow(Path localDir, Visitor visitor, BiConsumer<Path, IOException> faults) {
        for (String run : List.of("", Spool.BACKFILL, Spool.REPARSE)) {
            Path home = run.isEmpty() ? localDir : localDir.resolve(run);
            List<SpoolFolder> folders = List.of();
            try {
                folders = below(home, run);
            } catch (IOException e) {
                faults.accept(Spool.streamDirectory(home), e);
            }
            for (SpoolFolder folder : folders) {
                try {
                    visitor.visit(folder);
                } catch (IOException e) {
                    faults.accept(folder.directory, e);
                }
            }
        }
    }

    private static List<SpoolFolder> below(Path localDir, String run) throws IOException {
        List<SpoolFolder> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Spool.streamDirectory(localDir))) {
            for (Path entry : entries) {
                symbol(entry).ifPresent(symbol -> folders.add(new SpoolFolder(localDir, entry, symbol, run)));
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        folders.sort(Comparator.comparing(SpoolFolder::symbol));
        return folders;
    }

    private static Optional<Symbol> symbol(Path directory) {
        String name = String.valueOf(directory.getFileName());
        if (!name.startsWith(PREFIX) || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        return Symbol.decoded(name.substring(PREFIX.length()));
    }

    /** The symbol, marked if the directory is not the collector's. */
    public String label() {
        return run.isEmpty() ? symbol.value() : symbol + " (" + run + ")";
    }

    /** The file that the process which writes here has locked. Never open it, see {@link LockTable}. */
    public Path lockFile() {
        return directory.resolve(Spool.LOCK);
    }

    /** Opens the directory for writing and takes its lock. */
    public Spool open(FileOps disk) throws IOException {
        return Spool.open(disk, localDir, symbol);
    }

    /** Whether a file of a part is there that the bucket has not confirmed. */
    public boolean hasBacklog() throws IOException {
        boolean[] found = new boolean[1];
        forEach(file -> found[0] |= file.isBacklog());
        return found[0];
    }

    /** Passes every file to the consumer, including those in quarantine, in no order; there may be 100,000. */
    public void forEach(Consumer<SpoolFile> consumer) throws IOException {
        forEach(directory, "", consumer);
        forEach(directory.resolve(Spool.QUARANTINE), Spool.QUARANTINE + "/", consumer);
    }

    private static void forEach(Path folder, String prefix, Consumer<SpoolFile> consumer) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                } catch (NoSuchFileException e) {
                    continue; // uploaded or renamed meanwhile
                }
                String name = String.valueOf(entry.getFileName());
                if (!prefix.isEmpty() || attributes.isRegularFile() || !name.equals(Spool.QUARANTINE)) {
                    consumer.accept(file(prefix, name, attributes));
                }
            }
        } catch (NoSuchFileException e) {
            // the folder does not exist
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private static SpoolFile file(String prefix, String name, BasicFileAttributes attributes) {
        long bytes = attributes.size();
        long modifiedMs = attributes.lastModifiedTime().toMillis();
        if (prefix.isEmpty() && attributes.isRegularFile()) {
            return SpoolFile.of(name, bytes, modifiedMs);
        }
        Kind kind = prefix.isEmpty() ? Kind.UNKNOWN : Kind.QUARANTINED;
        return new SpoolFile(kind, null, prefix + name, bytes, modifiedMs);
    }

    public boolean has(PartState state, PartName part) {
        return Files.exists(directory.resolve(state.fileName(part)));
    }

    /** The first {@code maxBytes} bytes of a file; empty if it has gone. */
    public Optional<byte[]> read(String name, int maxBytes) throws IOException {
        Optional<InputStream> opened = open(name);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = opened.get()) {
            return Optional.of(in.readNBytes(maxBytes));
        }
    }

    /** Opens a file for reading, to be closed by the caller; empty if it has gone. */
    public Optional<InputStream> open(String name) throws IOException {
        if (name.equals(Spool.LOCK)) {
            throw new IllegalArgumentException("a lock file must not be opened");
        }
        Path file = directory.resolve(name);
        try {
            // One look: between two, a running collector may rename the file.
            if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isRegularFile()) {
                throw new IOException(file + " is not a file of the collector but a symlink, a device or a directory");
            }
            return Optional.of(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
