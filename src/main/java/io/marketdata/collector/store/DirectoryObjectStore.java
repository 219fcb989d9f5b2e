package io.marketdata.collector.store;

import io.marketdata.collector.model.DiskError;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Stores objects in a local directory instead of S3, under the same keys. An object appears complete or not at all,
 * survives a power loss once its put has returned, and is never overwritten, even if several processes write; those that are
 * made from others are replaced by renaming.
 *
 * <p>Each object is written under a temporary name that starts with a dot, flushed, and hard-linked to its own name,
 * which fails if that is taken. <b>If the file system has no hard links</b> (FAT, some network shares) the file is
 * renamed after a check instead, and two processes that put the same key at the same instant could overwrite one
 * another.
 */
public final class DirectoryObjectStore implements ObjectStore {

    private final Path root;

    /** @param root the directory that serves as the bucket; created if missing */
    public DirectoryObjectStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        Path target = target(key);
        Path folder = target.resolve("..").normalize();
        if (!Sha256.of(body).equals(sha256)) {
            throw new StoreException(Kind.CORRUPTED, target + ": the bytes do not match their SHA-256");
        }
        try {
            createFolders(folder);
            return create(target, folder, body);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    @Override
    public void replace(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        ObjectStore.requireDerived(key);
        Path target = target(key);
        Path folder = target.resolve("..").normalize();
        if (!Sha256.of(body).equals(sha256)) {
            throw new StoreException(Kind.CORRUPTED, target + ": the bytes do not match their SHA-256");
        }
        try {
            createFolders(folder);
            Path temporary = temporary(target);
            try {
                write(temporary, body);
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
            sync(folder);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static Path temporary(Path target) {
        return target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws StoreException {
        Path target = target(key);
        try {
            return Optional.of(read(target, maxBytes));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    @Override
    public Listing list(String prefix, String after) throws StoreException {
        Path folder = target(prefix);
        if (!Files.isDirectory(folder)) {
            return new Listing(List.of(), true);
        }
        List<StoredObject> objects = new ArrayList<>();
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    String key = root.relativize(file).toString().replace(File.separatorChar, '/');
                    boolean hidden = String.valueOf(file.getFileName()).startsWith(".");
                    if (attributes.isRegularFile() && !hidden && key.compareTo(after) > 0) {
                        long modifiedMs = attributes.lastModifiedTime().toMillis();
                        objects.add(new StoredObject(key, attributes.size(), modifiedMs));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                    if (e instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE; // a temporary file of a put
                    }
                    throw e;
                }
            });
        } catch (IOException e) {
            throw failure(folder, e);
        }
        objects.sort(Comparator.comparing(StoredObject::key));
        return new Listing(objects, true);
    }

    @Override
    public List<String> folders(String prefix) throws StoreException {
        Path folder = target(prefix);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isDirectory)) {
            List<String> names = new ArrayList<>();
            entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
            names.sort(Comparator.naturalOrder());
            return names;
        } catch (IOException e) {
            throw failure(folder, e);
        } catch (DirectoryIteratorException e) {
            throw failure(folder, Objects.requireNonNull(e.getCause()));
        }
    }

    private Path target(String key) throws StoreException {
        Path target = root.resolve(key).normalize();
        if (!target.startsWith(root) || target.equals(root)) {
            throw new StoreException(Kind.REFUSED, "the key " + key + " is outside " + root);
        }
        return target;
    }

    private static byte[] read(Path file, int maxBytes) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(maxBytes);
        }
    }

    private static PutOutcome create(Path target, Path folder, byte[] body) throws IOException {
        Path temporary = temporary(target);
        try {
            write(temporary, body);
            publish(temporary, target);
        } catch (FileAlreadyExistsException e) {
            return Arrays.equals(read(target, body.length + 1), body)
                    ? PutOutcome.ALREADY_STORED
                    : PutOutcome.NAME_TAKEN;
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
        return PutOutcome.STORED;
    }

    private static void write(Path file, byte[] body) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(body);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
    }

    private static void publish(Path temporary, Path target) throws IOException {
        try {
            Files.createLink(target, temporary);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            if (Files.exists(target)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void createFolders(Path folder) throws IOException {
        Path existing = folder;
        while (!Files.isDirectory(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        Files.createDirectories(folder);
        // Each new folder is an entry in the one above it.
        for (Path made = folder;
                !made.equals(existing);
                made = made.resolve("..").normalize()) {
            sync(made.resolve("..").normalize());
        }
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Logged for this directory at the start; the object itself is durable.
            if (!DiskError.isSyncRefused(e)) {
                throw e;
            }
        }
    }

    private static StoreException failure(Path target, IOException e) {
        String reason = e instanceof FileSystemException fs && fs.getReason() != null ? fs.getReason() : e.toString();
        String remedy = e instanceof AccessDeniedException
                ? "permission denied; give the user of this process permission to read and write there"
                : reason.contains("Read-only file system")
                        ? "the file system is read-only; mount it writable, or set RAW_BUCKET"
                        : reason.contains("No space left")
                                ? "the disk is full; free space, or set RAW_BUCKET to another disk"
                                : "";
        return remedy.isEmpty()
                ? new StoreException(Kind.UNAVAILABLE, target + ": " + reason, e)
                : new StoreException(Kind.REFUSED, target + ": " + remedy, e);
    }

    @Override
    public String describe() {
        return root.toString();
    }

    @Override
    public void close() {}
}
