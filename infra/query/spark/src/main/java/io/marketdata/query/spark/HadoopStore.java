package io.marketdata.query.spark;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * A bucket of S3 through Hadoop's S3A, so that the job needs no other client and no other credentials than Spark. S3 shows an
 * object only when it is whole, so nothing is renamed. It writes below {@code compact/} only. Several threads may use it.
 */
final class HadoopStore implements ObjectStore {

    private static final Comparator<String> BY_UTF8 =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private final FileSystem files;
    private final Path root;
    private final int rootLength;

    HadoopStore(FileSystem files, Path root) {
        this.files = files;
        this.root = root;
        this.rootLength = files.makeQualified(root)
                        .toUri()
                        .getPath()
                        .replaceFirst("/$", "")
                        .length()
                + 1;
    }

    @Override
    public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        throw new StoreException(Kind.REFUSED, "this job replaces derived objects only, it does not put " + key);
    }

    @Override
    public void replace(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        ObjectStore.requireDerived(key);
        if (!Sha256.of(body).equals(sha256)) {
            throw new StoreException(Kind.CORRUPTED, key + ": the bytes do not match their SHA-256");
        }
        try (FSDataOutputStream out = files.create(new Path(root, key), true)) {
            out.write(body);
        } catch (IOException e) {
            throw failure(key + " cannot be written", e);
        }
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws StoreException {
        try (FSDataInputStream in = files.open(new Path(root, key))) {
            return Optional.of(in.readNBytes(maxBytes));
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure(key + " cannot be read", e);
        }
    }

    /** All at once. */
    @Override
    public Listing list(String prefix, String after) throws StoreException {
        List<StoredObject> objects = new ArrayList<>();
        try {
            RemoteIterator<LocatedFileStatus> found = files.listFiles(new Path(root, prefix), true);
            while (found.hasNext()) {
                LocatedFileStatus file = found.next();
                String key = file.getPath().toUri().getPath().substring(rootLength);
                if (!file.getPath().getName().startsWith(".") && BY_UTF8.compare(key, after) > 0) {
                    objects.add(new StoredObject(key, file.getLen(), file.getModificationTime()));
                }
            }
        } catch (FileNotFoundException e) {
            return new Listing(List.of(), true);
        } catch (IOException e) {
            throw failure(prefix + " cannot be listed", e);
        }
        objects.sort(Comparator.comparing(StoredObject::key, BY_UTF8));
        return new Listing(objects, true);
    }

    @Override
    public List<String> folders(String prefix) throws StoreException {
        try {
            return Arrays.stream(files.listStatus(new Path(root, prefix)))
                    .filter(FileStatus::isDirectory)
                    .map(folder -> folder.getPath().getName())
                    .sorted(BY_UTF8)
                    .toList();
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw failure(prefix + " cannot be listed", e);
        }
    }

    private StoreException failure(String what, IOException e) {
        return new StoreException(Kind.UNAVAILABLE, describe() + ": " + what + ": " + e.getMessage(), e);
    }

    @Override
    public String describe() {
        return root.toString();
    }

    /** Hadoop shares and closes its file systems itself. */
    @Override
    public void close() {}
}
