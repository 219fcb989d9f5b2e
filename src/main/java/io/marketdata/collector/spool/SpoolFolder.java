package io.marketdata.collector.spool;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One symbol's directory of a spool, looked at from outside: takes no lock and changes nothing, so it may be used beside
 * the collector that writes there. Files come and go meanwhile; one that has gone is passed over.
 */
public final class SpoolFolder {

    private static final String PREFIX = "symbol=";

    private final Path localDir;
    private final Path directory;
    private final Symbol symbol;
    private final boolean backfill;

    private SpoolFolder(Path localDir, Path directory, Symbol symbol, boolean backfill) {
        this.localDir = localDir;
        this.directory = directory;
        this.symbol = symbol;
        this.backfill = backfill;
    }

    /** Every symbol's directory below {@code localDir}, the collector's first, then those of backfills; by symbol. */
    public static List<SpoolFolder> below(Path localDir) throws IOException {
        List<SpoolFolder> folders = new ArrayList<>(below(localDir, false));
        folders.addAll(below(localDir.resolve(Spool.BACKFILL), true));
        return folders;
    }

    private static List<SpoolFolder> below(Path localDir, boolean backfill) throws IOException {
        List<SpoolFolder> folders = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Spool.streamDirectory(localDir))) {
            for (Path entry : entries) {
                symbol(entry).ifPresent(symbol -> folders.add(new SpoolFolder(localDir, entry, symbol, backfill)));
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        folders.sort(Comparator.comparing(SpoolFolder::symbol));
        return folders;
    }

    private static Optional<Symbol> symbol(Path directory) {
        String name = String.valueOf(directory.getFileName());
        if (!name.startsWith(PREFIX) || !Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try {
            Symbol symbol = new Symbol(URLDecoder.decode(name.substring(PREFIX.length()), StandardCharsets.UTF_8));
            return name.equals(PREFIX + symbol.encoded()) ? Optional.of(symbol) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    public Symbol symbol() {
        return symbol;
    }

    public Path directory() {
        return directory;
    }

    /** The symbol, and whose directory it is if not the collector's. */
    public String label() {
        return backfill ? symbol + " (backfill)" : symbol.value();
    }

    /** The file that is locked by whoever writes here. To be looked up, never to be opened. */
    public Path lockFile() {
        return directory.resolve(Spool.LOCK);
    }

    /** Takes the directory for writing. */
    public Spool open(FileOps disk) throws IOException {
        return Spool.open(disk, localDir, symbol);
    }

    /** Hands on every file, also those in quarantine, in no order and one at a time: there may be 100,000. */
    public void forEach(Consumer<SpoolFile> consumer) throws IOException {
        forEach(directory, "", consumer);
        forEach(directory.resolve(Spool.QUARANTINE), Spool.QUARANTINE + "/", consumer);
    }

    private static void forEach(Path folder, String prefix, Consumer<SpoolFile> consumer) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(entry, BasicFileAttributes.class);
                } catch (NoSuchFileException e) {
                    continue; // uploaded or renamed meanwhile
                }
                long bytes = attributes.size();
                long modifiedMs = attributes.lastModifiedTime().toMillis();
                if (!prefix.isEmpty()) {
                    consumer.accept(new SpoolFile(SpoolFile.Kind.QUARANTINED, null, prefix + name, bytes, modifiedMs));
                } else if (attributes.isRegularFile()) {
                    consumer.accept(SpoolFile.of(name, bytes, modifiedMs));
                } else if (!name.equals(Spool.QUARANTINE)) {
                    consumer.accept(new SpoolFile(SpoolFile.Kind.UNKNOWN, null, name, bytes, modifiedMs));
                }
            }
        } catch (NoSuchFileException e) {
            // nothing there
        }
    }

    /** Whether the part has a file in the given state. */
    public boolean has(PartState state, PartName part) {
        return Files.exists(directory.resolve(state.fileName(part)));
    }

    /** At most so many bytes of a file; empty if it has gone. */
    public Optional<byte[]> read(String name, int maxBytes) throws IOException {
        if (name.equals(Spool.LOCK)) {
            throw new IllegalArgumentException("a lock file must not be opened");
        }
        try (InputStream in = Files.newInputStream(directory.resolve(name))) {
            return Optional.of(in.readNBytes(maxBytes));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
