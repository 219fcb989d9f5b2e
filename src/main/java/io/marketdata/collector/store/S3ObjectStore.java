package io.marketdata.collector.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Stores objects in an S3 bucket. Each put is one request with server-side encryption, our SHA-256 for the store to
 * verify, and {@code If-None-Match: *}, as far as the dialect of the store has them, and succeeds only if the answer
 * repeats that digest or has the MD5 as ETag, or if the object read back has our bytes. A name is reported as taken only
 * if the object read back has other bytes.
 *
 * <p>The client is built at the first put: without a region building fails, and the collector must keep recording until
 * the operator fixes that.
 */
public final class S3ObjectStore implements ObjectStore {

    private static final int MAX_UNPROVEN = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStore.class);

    private final S3Options options;
    private final AwsClients clients;
    private final S3Requests requests;
    private final AwsCredentialsProvider credentials;
    private final DnsResolver names;

    /** Puts answered with success that is not proven yet, by key. Their names are not changed. */
    private final Map<String, Sha256> unproven = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Sha256> eldest) {
            return size() > MAX_UNPROVEN;
        }
    });

    /** Whether the log says that this store's answers prove nothing. */
    private final AtomicBoolean explained = new AtomicBoolean();

    @GuardedBy("this")
    private @Nullable S3Client client;

    /** Uses the SDK's default credentials chain. */
    public S3ObjectStore(S3Options options, AwsClients clients) {
        this(options, clients, clients.credentials(), SystemDefaultDnsResolver.INSTANCE);
    }

    S3ObjectStore(S3Options options, AwsCredentialsProvider credentials) {
        this(options, AwsClients.DIRECT, credentials, SystemDefaultDnsResolver.INSTANCE);
    }

    S3ObjectStore(S3Options options, AwsClients clients, AwsCredentialsProvider credentials, DnsResolver names) {
        this.clients = clients;
        this.names = names;
        this.options = options;
        this.requests = new S3Requests(options);
        this.credentials = credentials;
        if (!options.dialect().weakened().isEmpty()) {
            LOG.warn("{}: {}", describe(), options.dialect().weakened());
        }
    }

    @Override
    public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        if (requests.mustCheckFirst() && exists(key)) {
            return readBack(key, body, sha256, PutOutcome.ALREADY_STORED);
        }
        PutObjectRequest request = requests.put(key, body, sha256, type);
        PutObjectResponse response;
        try {
            response = send(s3 -> s3.putObject(request, RequestBody.fromBytes(body)));
        } catch (SdkException e) {
            if (e instanceof S3Exception s3 && s3.statusCode() == 412) {
                return readBack(key, body, sha256, PutOutcome.ALREADY_STORED);
            }
            throw failure(e, object(key), "s3:PutObject");
        }
        if (Confirmation.proves(response.checksumSHA256(), response.eTag(), body, sha256)) {
            return PutOutcome.STORED;
        }
        unproven.put(key, sha256);
        explainOnce();
        return readBack(key, body, sha256, PutOutcome.STORED);
    }

    @Override
    public void replace(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        ObjectStore.requireDerived(key);
        PutObjectRequest request = requests.replace(key, body, sha256, type);
        PutObjectResponse response;
        try {
            response = send(s3 -> s3.putObject(request, RequestBody.fromBytes(body)));
        } catch (SdkException e) {
            throw failure(e, object(key), "s3:PutObject on " + key.substring(0, key.indexOf('/')) + "/*");
        }
        if (!Confirmation.proves(response.checksumSHA256(), response.eTag(), body, sha256)
                && !Arrays.equals(get(key, body.length + 1).orElse(null), body)) {
            String other = ": the store answered this put with success and holds other bytes; another process may have"
                    + " replaced them since, so run it again";
            throw new StoreException(Kind.UNAVAILABLE, object(key) + other);
        }
    }

    private boolean exists(String key) throws StoreException {
        try {
            send(s3 -> s3.headObject(requests.head(key)));
            return true;
        } catch (SdkException e) {
            if (e instanceof S3Exception s3 && s3.statusCode() == 404) {
                return false;
            }
            throw failure(e, object(key) + ", checking whether it exists", "s3:GetObject and s3:ListBucket");
        }
    }

    /**
     * Compares the object with ours byte by byte: after a 412 it is from an earlier attempt whose answer was lost, or
     * not ours; and a 200 can carry an error in its body, which the client reports as success.
     *
     * @param ifEqual the result if the bytes are ours
     */
    private PutOutcome readBack(String key, byte[] body, Sha256 sha256, PutOutcome ifEqual) throws StoreException {
        Optional<byte[]> stored = get(key, body.length + 1);
        if (stored.isEmpty()) {
            String missing = ": the store answered as if it had this object, but it has none, so it may not be stored;"
                    + " retrying";
            throw new StoreException(Kind.UNAVAILABLE, object(key) + missing);
        }
        if (Arrays.equals(stored.get(), body)) {
            unproven.remove(key);
            return ifEqual;
        }
        if (sha256.equals(unproven.get(key))) {
            String changed = ": the store answered this put with success and holds other bytes; find out what changes"
                    + " bytes on the way: a proxy, a gateway, or the store itself";
            throw new StoreException(Kind.CORRUPTED, object(key) + changed);
        }
        return PutOutcome.NAME_TAKEN;
    }

    private void explainOnce() {
        if (!explained.getAndSet(true)) {
            String message = "{} answered a put with success but with neither our SHA-256 nor the MD5 as ETag. Such an"
                    + " upload is read back before it counts: one more request for each object, which needs"
                    + " s3:GetObject on raw/*. To avoid that, use a server that returns x-amz-checksum-sha256";
            LOG.warn(message, describe());
        }
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws StoreException {
        try {
            return Optional.of(
                    send(s3 -> s3.getObject(requests.get(key), (answer, body) -> read(answer, body, maxBytes))));
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (SdkException e) {
            throw failure(e, object(key) + ", reading it back", "s3:GetObject");
        }
    }

    @Override
    public Listing list(String prefix, String after) throws StoreException {
        ListObjectsV2Response answer = list(requests.list(prefix, after), prefix);
        List<StoredObject> objects = answer.contents().stream()
                .map(object -> new StoredObject(
                        object.key(), object.size(), object.lastModified().toEpochMilli()))
                .toList();
        String last = after;
        for (StoredObject object : objects) {
            if (object.key().compareTo(last) <= 0 || !object.key().startsWith(prefix)) {
                String disorder = ": the store lists " + LogText.of(object.key()) + " after " + LogText.of(last)
                        + ". What a folder holds is known only from a store that lists it in the order of the keys";
                throw new StoreException(Kind.REFUSED, "listing " + object(prefix) + disorder);
            }
            last = object.key();
        }
        boolean isLast = !Boolean.TRUE.equals(answer.isTruncated());
        if (objects.isEmpty() && !isLast) {
            String cut = ": the store says that there are more keys, and lists none";
            throw new StoreException(Kind.UNAVAILABLE, "listing " + object(prefix) + cut);
        }
        return new Listing(objects, isLast);
    }

    @Override
    public List<String> folders(String prefix) throws StoreException {
        TreeSet<String> names = new TreeSet<>();
        @Nullable String next = null;
        do {
            ListObjectsV2Response answer = list(requests.folders(prefix, next), prefix);
            int before = names.size();
            answer.commonPrefixes().stream()
                    .map(folder -> folder.prefix()
                            .substring(prefix.length(), folder.prefix().length() - 1))
                    .forEach(names::add);
            next = names.size() > before ? answer.nextContinuationToken() : null;
        } while (next != null);
        return List.copyOf(names);
    }

    private ListObjectsV2Response list(ListObjectsV2Request request, String prefix) throws StoreException {
        try {
            return send(s3 -> s3.listObjectsV2(request));
        } catch (SdkException e) {
            throw failure(e, "listing " + object(prefix), "s3:ListBucket");
        }
    }

    private static byte[] read(GetObjectResponse answer, AbortableInputStream body, int maxBytes) throws IOException {
        // Without either header, the end of the object and a broken connection look the same.
        if (answer.contentLength() == null
                && answer.sdkHttpResponse()
                        .firstMatchingHeader("Transfer-Encoding")
                        .isEmpty()) {
            throw new IOException("the answer does not say where the object ends");
        }
        byte[] bytes = body.readNBytes(maxBytes);
        if (bytes.length == maxBytes) {
            body.abort(); // instead of reading the rest to reuse the connection
        }
        return bytes;
    }

    private StoreException failure(SdkException e, String what, String permission) {
        return new S3Failure(options, what, permission).of(e);
    }

    /** The client parses what the network sends: an error in there, lack of memory aside, is a failed request. */
    private <T> T send(Function<S3Client, T> request) throws StoreException {
        S3Client open = client();
        try {
            return request.apply(open);
        } catch (SdkException | OutOfMemoryError e) {
            throw e;
        } catch (RuntimeException | Error e) {
            String what = "the answer cannot be parsed: " + e.getClass().getSimpleName();
            throw SdkClientException.create(what, e instanceof RuntimeException ? e : null);
        }
    }

    private synchronized S3Client client() throws StoreException {
        if (client == null) {
            try {
                client = clients.s3(options, credentials, names);
            } catch (SdkException e) {
                throw failure(e, describe(), "s3:PutObject");
            }
        }
        return client;
    }

    private String object(String key) {
        return "s3://" + options.bucket() + "/" + key;
    }

    @Override
    public String describe() {
        return "s3://" + options.bucket() + (options.endpoint() == null ? "" : " at " + options.endpoint());
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
            client = null;
        }
    }
}
