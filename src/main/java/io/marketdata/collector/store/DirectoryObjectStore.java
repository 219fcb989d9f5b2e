package io.marketdata.collector.store;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A bucket in a local directory, with the same keys. An object appears whole or not at all, survives a power loss once
 * its put has returned, and is never overwritten, also when several processes write.
 *
 * <p>Each object is written under a temporary name that starts with a dot, flushed, and linked to its own name, which
 * fails if that is taken. <b>Where the file system knows no hard links</b> (FAT, some network shares) it is renamed
 * after a look instead, and two processes that put the same key in the same instant could overwrite one another.
 */
public final class DirectoryObjectStore implements ObjectStore {

    private final Path root;

    /** @param root the directory that stands for the bucket; made where it is missing */
    public DirectoryObjectStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        Path target = root.resolve(key).normalize();
        Path folder = target.getParent();
        if (folder == null || !target.startsWith(root) || target.equals(root)) {
            throw new StoreException(Kind.REFUSED, "the key " + key + " leads out of " + root);
        }
        if (!Sha256.of(body).equals(sha256)) {
            throw new StoreException(Kind.CORRUPTED, target + ": the bytes do not have the SHA-256 they should have");
        }
        try {
            createFolders(folder);
            return create(target, folder, body, sha256);
        } catch (IOException e) {
            throw failure(target, e);
        }
    }

    private static PutOutcome create(Path target, Path folder, byte[] body, Sha256 sha256) throws IOException {
        Path temporary = folder.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel out =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(body);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            publish(temporary, target);
        } catch (FileAlreadyExistsException e) {
            return Sha256.of(Files.readAllBytes(target)).equals(sha256)
                    ? PutOutcome.ALREADY_STORED
                    : PutOutcome.NAME_TAKEN;
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(folder);
        return PutOutcome.STORED;
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
        }
    }

    private static StoreException failure(Path target, IOException e) {
        String reason = e instanceof FileSystemException fs && fs.getReason() != null ? fs.getReason() : e.toString();
        if (e instanceof AccessDeniedException) {
            return new StoreException(
                    Kind.REFUSED, target + ": not allowed; let the user of this process write there", e);
        }
        if (String.valueOf(reason).contains("Read-only file system")) {
            return new StoreException(
                    Kind.REFUSED, target + ": the file system is read-only; mount it writable, or set RAW_BUCKET", e);
        }
        if (String.valueOf(reason).contains("No space left")) {
            return new StoreException(
                    Kind.REFUSED, target + ": the disk is full; make room, or set RAW_BUCKET to another one", e);
        }
        return new StoreException(Kind.UNAVAILABLE, target + ": " + reason, e);
    }

    @Override
    public String describe() {
        return root.toString();
    }

    @Override
    public void close() {}
}
