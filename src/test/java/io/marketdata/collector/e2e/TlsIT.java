package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.TlsKeys;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The jar connects only to servers with a valid certificate. */
@Execution(ExecutionMode.CONCURRENT)
class TlsIT {

    @TempDir
    private Path folder;

    /** The first lines that clients sent after the handshake. */
    private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();

    /** A permit for each client that ended the handshake. */
    private final Semaphore refusals = new Semaphore(0);

    private ServerSocket listen(Path keyStore) throws Exception {
        ServerSocket listener =
                TlsKeys.serverSockets(keyStore).createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> acceptAll(listener), "tls-server");
        thread.setDaemon(true);
        thread.start();
        return listener;
    }

    private void acceptAll(ServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket client = listener.accept();
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))) {
                String line = in.readLine();
                if (line != null) {
                    sent.add(line);
                }
            } catch (IOException e) {
                // the client refused the certificate
                refusals.release();
            }
        }
    }

    private CollectorProcess start(ServerSocket listener, List<String> jvmOptions) throws IOException {
        return CollectorProcess.start(
                folder,
                Map.of(
                        "RAW_BUCKET", "file:./bucket",
                        "LOCAL_DIR", folder.resolve("spool").toString(),
                        "WS_URL", "wss://127.0.0.1:" + listener.getLocalPort(),
                        "WS_CONNECTIONS", "1",
                        "REST_URL", "http://127.0.0.1:9"),
                jvmOptions);
    }

    private void neverConnects(Path shown, Path trusted) throws Exception {
        try (ServerSocket listener = listen(shown);
                CollectorProcess collector = start(listener, TlsKeys.trusting(trusted))) {
            collector.awaitLine("Reconnecting in .* ended: .*SSLHandshakeException");
            // Repeated failures are logged once a minute, so the server counts the attempts.
            assertThat(refusals.tryAcquire(2, 60, TimeUnit.SECONDS)).isTrue();
            assertThat(collector.isAlive()).isTrue();
            assertThat(sent).as("what was sent to the server").isEmpty();
        }
    }

    @Test
    void untrustedCertificateIsRefused() throws Exception {
        Path other = TlsKeys.ofAnotherHost(folder);
        neverConnects(TlsKeys.valid(folder), other);
    }

    @Test
    void expiredCertificateIsRefused() throws Exception {
        Path authority = TlsKeys.authority(folder);
        neverConnects(TlsKeys.expired(folder, authority), authority);
    }

    @Test
    void certificateOfAnotherHostIsRefused() throws Exception {
        Path other = TlsKeys.ofAnotherHost(folder);
        neverConnects(other, other);
    }

    @Test
    void validCertificateIsAccepted() throws Exception {
        Path valid = TlsKeys.valid(folder);
        try (ServerSocket listener = listen(valid);
                CollectorProcess collector = start(listener, TlsKeys.trusting(valid))) {
            assertThat(sent.take()).startsWith("GET /");
            assertThat(collector.isAlive()).isTrue();
        }
    }
}
