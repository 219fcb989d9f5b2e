package io.marketdata.collector.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.ConnectProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TunnelTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private static Socket open(ForwardProxy proxy, Duration timeout) throws IOException {
        return Tunnel.open(proxy, "stream.invalid", 9443, timeout, Time.SYSTEM, made -> {});
    }

    private static ForwardProxy at(int port, String user) {
        return ForwardProxy.parse("HTTPS_PROXY", "http://" + user + "127.0.0.1:" + port);
    }

    /** A server that answers every client with these bytes, and keeps the connection open. */
    private ServerSocket answering(byte[] bytes) throws IOException {
        ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        threads.execute(() -> {
            try {
                Socket client = listener.accept();
                client.getOutputStream().write(bytes);
                client.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException e) {
                // the client has ended it
            }
        });
        return listener;
    }

    @Test
    void firstByteAfterTheAnswerIsTheDestinations() throws Exception {
        byte[] answer = "HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello".getBytes(StandardCharsets.US_ASCII);
        try (ServerSocket server = answering(answer);
                Socket tunnel = open(at(server.getLocalPort(), ""), TIMEOUT)) {
            assertThat(new String(tunnel.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
                    .isEqualTo("hello");
        }
    }

    @Test
    void nameOfTheDestinationIsLeftToTheProxy() throws Exception {
        try (ServerSocket server = answering("hello".getBytes(StandardCharsets.US_ASCII));
                ConnectProxy proxy = new ConnectProxy(null).leads("stream.invalid:9443", server.getLocalPort());
                Socket tunnel = open(at(proxy.port(), ""), TIMEOUT)) {
            assertThat(tunnel.getInputStream().read()).isEqualTo('h');
        }
    }

    @Test
    void passwordIsSentAndItsRefusalExplained() throws Exception {
        try (ServerSocket server = answering("hello".getBytes(StandardCharsets.US_ASCII));
                ConnectProxy proxy = new ConnectProxy("Basic dTpw")) {
            proxy.leads("stream.invalid:9443", server.getLocalPort());
            open(at(proxy.port(), "u:p@"), TIMEOUT).close();
            assertThatThrownBy(() -> open(at(proxy.port(), ""), TIMEOUT))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "proxy 127.0.0.1:" + proxy.port() + " answered 407; set user and password in HTTPS_PROXY");
            assertThatThrownBy(() -> open(at(proxy.port(), "u:s3cret@"), TIMEOUT))
                    .hasMessageContaining("answered 407; correct user and password in HTTPS_PROXY")
                    .message()
                    .doesNotContain("s3cret");
        }
    }

    @Test
    void answerIsBoundedInTimeAndBytes() throws Exception {
        try (ServerSocket silent = answering(new byte[0])) {
            assertThatThrownBy(() -> open(at(silent.getLocalPort(), ""), Duration.ofMillis(200)))
                    .hasMessageContaining("proxy 127.0.0.1:" + silent.getLocalPort() + " (HTTPS_PROXY)");
        }
        byte[] endless = "HTTP/1.1 200 OK\r\nX: ".repeat(5_000).getBytes(StandardCharsets.US_ASCII);
        try (ServerSocket server = answering(endless)) {
            assertThatThrownBy(() -> open(at(server.getLocalPort(), ""), TIMEOUT))
                    .hasMessageContaining("its answer has no end");
        }
    }

    @Test
    void serverThatIsNoProxyIsNamed() throws Exception {
        try (ServerSocket server = answering("SSH-2.0-OpenSSH_9.2\r\n\r\n".getBytes(StandardCharsets.US_ASCII))) {
            assertThatThrownBy(() -> open(at(server.getLocalPort(), ""), TIMEOUT))
                    .hasMessageContaining("it answers as no HTTP proxy does");
        }
    }
}
