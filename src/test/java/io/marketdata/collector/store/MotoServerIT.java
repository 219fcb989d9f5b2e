package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.e2e.RecordedInto;
import io.marketdata.collector.ship.ObjectStore;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.BucketReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same assertions against moto, another S3 by others, where {@code moto_server} is on the path; skipped elsewhere. */
class MotoServerIT extends ObjectStoreContract {

    private static final String BUCKET = "recorded-trades";
    private static final String KEY = "test";

    private static Process server;
    private static URI endpoint;
    private static ObjectStore store;
    private static BucketReader reader;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(onPath("moto_server"), "moto_server is not on this machine");
        int port = freePort();
        endpoint = URI.create("http://127.0.0.1:" + port);
        server = new ProcessBuilder("moto_server", "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Await.until("moto_server listens", () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        store = S3Stores.of(endpoint, BUCKET, KEY, KEY);
        reader = new BucketReader(endpoint, KEY, KEY, BUCKET, null).create();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            store.close();
            reader.close();
            server.destroy();
        }
    }

    @Override
    ObjectStore store() {
        return store;
    }

    @Override
    byte[] read(String key) {
        return reader.get(key);
    }

    /** moto 5 ignores the digest and answers none; the ETag decides. */
    @Override
    boolean checksDigests() {
        return false;
    }

    @Test
    void theJarRecordsIntoIt() throws Exception {
        try (BucketReader own = new BucketReader(endpoint, KEY, KEY, "recorded-by-the-jar", null).create()) {
            RecordedInto.s3(folder, endpoint, "recorded-by-the-jar", KEY, KEY, own::objects);

            assertThat(own.objects().keySet())
                    .allSatisfy(key -> assertThat(own.encryption(key)).hasToString("AES256"));
        }
    }

    private static boolean onPath(String program) {
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(System.getenv("PATH"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
