package io.marketdata.collector.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other sites, open in a browser of this machine, cannot control the simulator. */
class ControlServerTest {

    private final List<Fault> inflicted = new CopyOnWriteArrayList<>();
    private ControlServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ControlServer(
                0,
                fault -> {
                    inflicted.add(fault);
                    return "done";
                },
                () -> new ObjectMapper().createObjectNode(),
                Thread::new);
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String send(String request, String headers) throws IOException {
        String body = request.startsWith("POST") ? "fault: cut" : "";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write((request + " HTTP/1.1\r\nConnection: close\r\n" + headers + "Content-Length: "
                                    + body.length() + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Host: localhost:9081\r\nOrigin: https://other.example\r\nContent-Type: text/plain\r\n",
                "Host: localhost:9081\r\nOrigin: null\r\nContent-Type: text/plain\r\n",
                "Host: localhost:9081\r\nOrigin: http://localhost:3000\r\n",
                "Host: localhost:9081\r\nSec-Fetch-Site: cross-site\r\nContent-Type: text/plain\r\n",
                "Host: localhost:9081\r\nSec-Fetch-Site: same-site\r\n",
                "Host: rebind.example:9081\r\n",
                "Host: rebind.example\r\nOrigin: http://rebind.example\r\nSec-Fetch-Site: same-origin\r\n",
                "",
            })
    void requestsOfOtherSitesAreRefused(String headers) throws IOException {
        assertThat(send("POST /fault", headers)).startsWith("HTTP/1.1 403 ");
        assertThat(send("GET /status", headers)).startsWith("HTTP/1.1 403 ");
        assertThat(inflicted).isEmpty();
    }

    @Test
    void requestsOfProgramsAndOfItsOwnOriginAreAccepted() throws IOException {
        List<String> accepted = List.of(
                "Host: localhost:9081\r\n",
                "Host: 127.0.0.1\r\n",
                "Host: [::1]:9081\r\nContent-Type: text/plain\r\n",
                "Host: localhost:9081\r\nOrigin: http://localhost:9081\r\nSec-Fetch-Site: same-origin\r\n",
                "Host: localhost:9081\r\nSec-Fetch-Site: none\r\n");
        for (String headers : accepted) {
            assertThat(send("POST /fault", headers)).as(headers).startsWith("HTTP/1.1 200 ");
        }
        assertThat(inflicted).hasSize(accepted.size());
    }
}
