package io.marketdata.collector.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real socket that answers as each test requires. */
class HttpTransportTest {

    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpTransport transport = new HttpTransport(threads);
    private ServerSocket server;

    /** What happens after the request has been read. */
    @FunctionalInterface
    private interface Reply {
        void to(Socket socket) throws Exception;
    }

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/x?a=%5B1%5D");
    }

    private void replying(Reply reply) {
        threads.submit(() -> {
            try (Socket socket = server.accept()) {
                byte[] request = new byte[4_096];
                int read = socket.getInputStream().read(request);
                assertThat(new String(request, 0, read, StandardCharsets.US_ASCII))
                        .startsWith("GET /x?a=%5B1%5D HTTP/1.1\r\n");
                reply.to(socket);
            }
            return null;
        });
    }

    private static void say(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Test
    void returnsStatusHeadersAndBody() throws Exception {
        replying(socket -> say(
                socket, "HTTP/1.1 418 No\r\nRetry-After: 7\r\nX-MBX-USED-WEIGHT-1M: 12\r\nContent-Length: 3\r\n\r\n币"));

        Transport.Answer answer = transport.get(uri(), Map.of("X-MBX-APIKEY", "k"), LONG);

        assertThat(answer.status()).isEqualTo(418);
        assertThat(answer.headers()).containsEntry("retry-after", "7").containsEntry("x-mbx-used-weight-1m", "12");
        assertThat(answer.body()).isEqualTo("币");
    }

    @Test
    void serverThatNeverAnswersTimesOut() throws Exception {
        AtomicBoolean left = new AtomicBoolean();
        replying(socket -> left.set(socket.getInputStream().read() < 0));

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), SHORT))
                .isInstanceOf(IOException.class)
                .hasMessage("no complete answer within 300 ms");
        Await.until("the connection is closed", left::get);
    }

    @Test
    void tricklingBodyTimesOut() throws Exception {
        AtomicBoolean left = new AtomicBoolean();
        replying(socket -> {
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[");
            InputStream in = socket.getInputStream();
            left.set(in.read() < 0);
        });

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), SHORT)).hasMessage("no complete answer within 300 ms");
        Await.until("the connection is closed", left::get);
    }

    @Test
    void truncatedBodyIsAnIoException() {
        replying(socket -> say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[]"));

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), LONG)).isInstanceOf(IOException.class);
    }

    @Test
    void endlessBodyIsAnIoException() {
        replying(socket -> {
            say(socket, "HTTP/1.1 200 OK\r\n\r\n");
            String much = "x".repeat(1 << 20);
            while (true) {
                say(socket, much);
            }
        });

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), LONG))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer than 2097152 bytes");
    }

    private void replyingEndlessly(String begin, String more) {
        replying(socket -> {
            say(socket, begin);
            String much = more.repeat(16_384 / more.length());
            while (true) {
                say(socket, much);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 403, 429, 500})
    void bodyOfARefusalIsCutOffAndTheAnswerCounts(int status) throws Exception {
        replyingEndlessly("HTTP/1.1 " + status + " No\r\nRetry-After: 7\r\n\r\n{\"code\":-1003,", "x");

        Transport.Answer answer = transport.get(uri(), Map.of(), LONG);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.headers()).containsEntry("retry-after", "7");
        assertThat(answer.body()).startsWith("{\"code\":-1003,").hasSize(8_192);
    }

    @Test
    void endlessHeadersAreAnIoException() {
        replyingEndlessly("HTTP/1.1 200 OK\r\n", "X-More: x\r\n");

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), LONG)).isInstanceOf(IOException.class);
    }

    @Test
    void endlessHeaderLineIsAnIoException() {
        replyingEndlessly("HTTP/1.1 200 OK\r\nX-More: ", "x");

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), LONG)).isInstanceOf(IOException.class);
    }

    @Test
    void endlessInterimAnswersAreAnIoException() {
        replyingEndlessly("HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n");

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), SHORT)).isInstanceOf(IOException.class);
    }

    @Test
    void closedPortIsAnIoException() throws IOException {
        server.close();

        assertThatThrownBy(() -> transport.get(uri(), Map.of(), LONG))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ConnectException");
    }
}
