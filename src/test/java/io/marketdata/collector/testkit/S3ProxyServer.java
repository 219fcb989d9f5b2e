package io.marketdata.collector.testkit;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;

/** S3 by others, in this JVM and in memory: checks signatures, digests, conditions; HTTP or HTTPS. */
public final class S3ProxyServer implements AutoCloseable {

    public static final String ACCESS_KEY = "test-access-key";
    public static final String SECRET_KEY = "test-secret-key";
    public static final String BUCKET = "recorded-trades";

    private static final String PASSWORD = "changeit";

    private final S3Proxy server;
    private final boolean secure;

    private S3ProxyServer(S3Proxy.Builder builder, boolean secure) {
        BlobStore blobs = BlobStores.create("transient", new Properties());
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
        return new S3ProxyServer(S3Proxy.builder().endpoint(URI.create("http://127.0.0.1:0")), false);
    }

    /** @param keyStore made by {@link #keyStore} */
    public static S3ProxyServer https(Path keyStore) {
        return new S3ProxyServer(
                S3Proxy.builder()
                        .secureEndpoint(URI.create("https://127.0.0.1:0"))
                        .keyStore(keyStore.toString(), PASSWORD),
                true);
    }

    /** Makes a key and a certificate for 127.0.0.1 and localhost with the JDK's own tool. */
    public static Path keyStore(Path folder) throws IOException, InterruptedException {
        Path file = folder.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        file.toString())
                .inheritIO()
                .start();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed");
        }
        return file;
    }

    /** JVM options that make a process trust that certificate, and no other. */
    public static String[] trusting(Path keyStore) {
        return new String[] {"-Djavax.net.ssl.trustStore=" + keyStore, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD
        };
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
