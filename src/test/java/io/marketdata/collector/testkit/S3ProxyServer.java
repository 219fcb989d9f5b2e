package io.marketdata.collector.testkit;

import java.net.URI;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;

/**
 * S3Proxy, a third-party S3 server in this JVM, with its objects in memory or on disk: checks signatures, digests, conditions;
 * HTTP or HTTPS.
 */
public final class S3ProxyServer implements AutoCloseable {

    public static final String ACCESS_KEY = "test-access-key";
    public static final String SECRET_KEY = "test-secret-key";
    public static final String BUCKET = "recorded-trades";

    private static final String PASSWORD = "changeit";

    private final S3Proxy server;
    private final boolean secure;

    private S3ProxyServer(S3Proxy.Builder builder, boolean secure, BlobStore blobs) {
        blobs.createContainer(BUCKET);
        this.server = builder.blobStore(blobs)
                .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
                .stopTimeout(0)
                .build();
        this.secure = secure;
        try {
            server.start();
        } catch (Exception e) {
            throw new IllegalStateException("S3Proxy does not start", e);
        }
    }

    public static S3ProxyServer http() {
        return new S3ProxyServer(S3Proxy.builder().endpoint(URI.create("http://127.0.0.1:0")), false, inMemory());
    }

    /** A server that refuses the encryption header with 501. */
    public static S3ProxyServer onDisk(Path directory) {
        Properties properties = new Properties();
        properties.setProperty("jclouds.filesystem.basedir", directory.toString());
        return new S3ProxyServer(
                S3Proxy.builder().endpoint(URI.create("http://127.0.0.1:0")),
                false,
                BlobStores.create("filesystem", properties));
    }

    private static BlobStore inMemory() {
        return BlobStores.create("transient", new Properties());
    }

    /** @param keyStore made by {@link TlsKeys} */
    public static S3ProxyServer https(Path keyStore) {
        return new S3ProxyServer(
                S3Proxy.builder()
                        .secureEndpoint(URI.create("https://127.0.0.1:0"))
                        .keyStore(keyStore.toString(), TlsKeys.PASSWORD),
                true,
                inMemory());
    }

    public URI uri() {
        return secure
                ? URI.create("https://127.0.0.1:" + server.getSecurePort())
                : URI.create("http://127.0.0.1:" + server.getPort());
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("S3Proxy does not stop", e);
        }
    }
}
