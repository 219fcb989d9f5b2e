package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.ConnectProxy;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.TlsFront;
import io.marketdata.collector.testkit.TlsKeys;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar records and uploads through forward proxies: all three ways by one rule. */
@Tag("process")
class ProxyIT {

    /** The name in the servers' certificate; only the test's own proxy knows where it is. */
    private static final String HOST = "stream.example.com";

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private ExchangeSimulator exchange;
    private StubS3 s3;
    private Path keys;

    @BeforeEach
    void servers() throws Exception {
        exchange = opened(Exchange.inventing(Trades.BTCUSDT, 50, true));
        s3 = opened(new StubS3());
        keys = TlsKeys.ofAnotherHost(folder);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T opened(T one) {
        opened.add(0, one);
        return one;
    }

    private int front(int port) throws Exception {
        return opened(new TlsFront(keys, port)).port();
    }

    private Map<String, String> environment(String ws, String rest, String store) {
        Map<String, String> environment = new HashMap<>(Exchange.environment(exchange, folder, s3.uri()));
        environment.put("WS_URL", "wss://" + ws);
        environment.put("REST_URL", "https://" + rest);
        environment.put("AWS_ENDPOINT_URL_S3", "https://" + store);
        environment.put("ROT_SECS", "1");
        return environment;
    }

    private ConnectProxy proxy(String authorization) throws Exception {
        return opened(new ConnectProxy(authorization))
                .leads(HOST + ":9443", front(exchange.webSocketUri().getPort()))
                .leads(HOST + ":443", front(exchange.restUri().getPort()))
                .leads(HOST + ":9000", front(s3.uri().getPort()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "us%40er:p%3Aass@"})
    void everyWayLeadsThroughTheProxy(String user) throws Exception {
        ConnectProxy proxy = proxy(user.isEmpty() ? null : "Basic dXNAZXI6cDphc3M=");
        Map<String, String> environment = environment(HOST + ":9443", HOST, HOST + ":9000");
        environment.put("HTTPS_PROXY", "http://" + user + "127.0.0.1:" + proxy.port());
        try (CollectorProcess collector = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys))) {
            Await.until("two objects are stored", () -> s3.objects().size() >= 2);
            assertThat(proxy.destinations()).contains(HOST + ":9443", HOST + ":443", HOST + ":9000");
            assertThat(collector.text())
                    .contains("wss://stream.example.com:9443 through proxy 127.0.0.1:" + proxy.port())
                    .contains("REST https://stream.example.com through proxy")
                    .contains("S3 https://stream.example.com:9000 through proxy")
                    .doesNotContain("p:ass", "p%3Aass");
            collector.stop();
        }
    }

    @Test
    void refusalOfTheProxyIsExplained() throws Exception {
        ConnectProxy proxy = proxy("Basic dXNAZXI6cDphc3M=");
        Map<String, String> environment = environment(HOST + ":9443", HOST, HOST + ":9000");
        environment.put("https_proxy", "127.0.0.1:" + proxy.port());
        String refused = "proxy 127.0.0.1:" + proxy.port() + " answered 407";
        try (CollectorProcess doctor = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys), "doctor")) {
            assertThat(doctor.awaitExit()).isEqualTo(1);
            assertThat(doctor.text().split(java.util.regex.Pattern.quote(refused), -1))
                    .as("once for WebSocket, REST and S3 each, at least: %s", doctor.text())
                    .hasSizeGreaterThan(3);
            assertThat(doctor.text()).contains("set user and password in HTTPS_PROXY");
        }
    }

    @Test
    void whatNoProxyListsIsReachedDirectly() throws Exception {
        keys = TlsKeys.valid(folder);
        try (ConnectProxy proxy = new ConnectProxy(null)) {
            Map<String, String> environment = environment(
                    "localhost:" + front(exchange.webSocketUri().getPort()),
                    "127.0.0.1:" + front(exchange.restUri().getPort()),
                    "localhost:" + front(s3.uri().getPort()));
            environment.put("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port());
            environment.put("NO_PROXY", ".example.com,10.0.0.0/8");
            try (CollectorProcess collector = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys))) {
                Await.until("two objects are stored", () -> s3.objects().size() >= 2);
                assertThat(proxy.destinations()).isEmpty();
                collector.stop();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"socks5://u:s3cret@127.0.0.1:1", "https://u:s3cret@127.0.0.1:1", "http://u:s3cret@[::1"})
    void proxyThatCannotBeUsedIsASettingError(String value) throws Exception {
        Map<String, String> environment = environment(HOST + ":9443", HOST, HOST + ":9000");
        environment.put("https_proxy", value);
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            assertThat(collector.awaitExit()).isEqualTo(78);
            assertThat(collector.text()).contains("HTTPS_PROXY=").doesNotContain("s3cret", "\tat ");
        }
    }
}
