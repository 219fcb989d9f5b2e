package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.ConnectProxy;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.RealProxy;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.TlsFront;
import io.marketdata.collector.testkit.TlsKeys;
import io.marketdata.collector.testkit.Trades;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The jar records and uploads through forward proxies: all three ways by one rule. */
@Tag("process")
@Execution(ExecutionMode.CONCURRENT)
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

    /** Both demand a user or not; squid opens the tunnels itself, tinyproxy hands them to the test's proxy. */
    @ParameterizedTest
    @CsvSource({"squid, false", "squid, true", "tinyproxy, false", "tinyproxy, true"})
    void everyWayLeadsThroughAProxyByOthers(String program, boolean demandsUser) throws Exception {
        ConnectProxy upstream = opened(new ConnectProxy(null));
        String ws = HOST + ":" + front(exchange.webSocketUri().getPort());
        String rest = HOST + ":" + front(exchange.restUri().getPort());
        String store = HOST + ":" + front(s3.uri().getPort());
        for (String server : List.of(ws, rest, store)) {
            upstream.leads(server, URI.create("https://" + server).getPort());
        }
        RealProxy proxy = opened(
                program.equals("squid")
                        ? RealProxy.squid(folder, HOST, demandsUser)
                        : RealProxy.tinyproxy(folder, upstream, demandsUser));
        Map<String, String> environment = environment(ws, rest, store);
        String address = "127.0.0.1:" + proxy.port();
        environment.put("HTTPS_PROXY", "http://" + address);
        if (demandsUser) {
            try (CollectorProcess doctor =
                    CollectorProcess.start(folder, environment, TlsKeys.trusting(keys), "doctor")) {
                assertThat(doctor.awaitExit()).isEqualTo(1);
                assertThat(refusals(doctor, address, 407)).isGreaterThanOrEqualTo(3);
            }
            environment.put("HTTPS_PROXY", "http://" + RealProxy.USER + ":" + RealProxy.PASSWORD + "@" + address);
        }
        try (CollectorProcess collector = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys))) {
            Await.until("two objects are stored", () -> s3.objects().size() >= 2);
            assertThat(collector.text()).doesNotContain(RealProxy.PASSWORD);
            collector.stop();
        }
    }

    /** How often a process reports that status of the proxy: at least once each for WebSocket, REST and S3. */
    private static int refusals(CollectorProcess process, String address, int status) {
        return process.text().split(Pattern.quote("proxy " + address + " answered " + status), -1).length - 1;
    }

    @Test
    void proxyThatForbidsADestinationIsNotTakenForTheExchangeOrTheStore() throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy(null));
        Map<String, String> environment = environment(HOST + ":9443", HOST, HOST + ":9000");
        environment.put("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port());
        try (CollectorProcess doctor = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys), "doctor")) {
            assertThat(doctor.awaitExit()).isEqualTo(1);
            assertThat(refusals(doctor, "127.0.0.1:" + proxy.port(), 403))
                    .as(doctor.text())
                    .isGreaterThanOrEqualTo(3);
            assertThat(doctor.text()).doesNotContain("s3:PutObject", "firewall blocks");
        }
    }

    @Test
    void refusalOfTheProxyIsExplained() throws Exception {
        ConnectProxy proxy = proxy("Basic dXNAZXI6cDphc3M=");
        Map<String, String> environment = environment(HOST + ":9443", HOST, HOST + ":9000");
        environment.put("https_proxy", "127.0.0.1:" + proxy.port());
        try (CollectorProcess doctor = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys), "doctor")) {
            assertThat(doctor.awaitExit()).isEqualTo(1);
            assertThat(refusals(doctor, "127.0.0.1:" + proxy.port(), 407))
                    .as(doctor.text())
                    .isGreaterThanOrEqualTo(3);
            assertThat(doctor.text())
                    .contains("set user and password in HTTPS_PROXY")
                    .containsPattern("ok    route +wss://stream.example.com:9443 through proxy 127.0.0.1:")
                    .containsPattern("ok    route +REST https://stream.example.com through proxy 127.0.0.1:")
                    .containsPattern("ok    route +S3 https://stream.example.com:9000 through proxy 127.0.0.1:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "another.example.com, .example.com, 10.0.0.0/8"})
    void whatNoProxyListsIsReachedDirectly(String exclusions) throws Exception {
        ConnectProxy proxy = opened(new ConnectProxy(null));
        String ws = HOST + ":" + front(exchange.webSocketUri().getPort());
        String rest = HOST + ":" + front(exchange.restUri().getPort());
        String store = HOST + ":" + front(s3.uri().getPort());
        proxy.leads(ws, URI.create("wss://" + ws).getPort())
                .leads(rest, URI.create("https://" + rest).getPort());
        Map<String, String> environment = environment(ws, rest, store);
        environment.put("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port());
        environment.put("NO_PROXY", exclusions.isEmpty() ? store : exclusions);
        Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost " + HOST + "\n");
        List<String> options = new ArrayList<>(TlsKeys.trusting(keys));
        options.add("-Djdk.net.hosts.file=" + hosts);
        try (CollectorProcess collector = CollectorProcess.start(folder, environment, options)) {
            Await.until("two objects are stored", () -> s3.objects().size() >= 2);
            assertThat(collector.text()).contains("S3 https://" + store + " directly");
            assertThat(Set.copyOf(proxy.destinations())).isEqualTo(exclusions.isEmpty() ? Set.of(ws, rest) : Set.of());
            collector.stop();
        }
    }

    @Test
    void thisMachineIsNeverReachedThroughTheProxy() throws Exception {
        keys = TlsKeys.valid(folder);
        try (ConnectProxy proxy = new ConnectProxy(null)) {
            Map<String, String> environment = environment(
                    "localhost:" + front(exchange.webSocketUri().getPort()),
                    "127.0.0.1:" + front(exchange.restUri().getPort()),
                    "localhost:" + front(s3.uri().getPort()));
            environment.put("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port());
            try (CollectorProcess collector = CollectorProcess.start(folder, environment, TlsKeys.trusting(keys))) {
                Await.until("two objects are stored", () -> s3.objects().size() >= 2);
                assertThat(proxy.destinations()).isEmpty();
                collector.stop();
            }
        }
    }

    /** The proxy is the store itself: over http a proxy is sent the request, not CONNECT. */
    @Test
    void httpToAnOpenNetworkNeedsAllowHttpEndpoint() throws Exception {
        Map<String, String> environment = new HashMap<>(Exchange.environment(exchange, folder, s3.uri()));
        environment.put("ROT_SECS", "1");
        environment.put("AWS_ENDPOINT_URL_S3", "http://s3.example.com:9000");
        environment.put("HTTP_PROXY", "http://127.0.0.1:" + s3.uri().getPort());
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(78);
            assertThat(collector.text()).contains("http://s3.example.com would cross an open network");
        }
        environment.put("ALLOW_HTTP_ENDPOINT", "yes");
        String warning = "http://s3.example.com:9000 is outside of private networks and has no TLS";
        try (CollectorProcess doctor = CollectorProcess.start(folder, environment, "doctor")) {
            assertThat(doctor.awaitExit()).as(doctor.text()).isZero();
            assertThat(doctor.text())
                    .containsPattern("warn  settings +Endpoint of S3: " + warning + ".*\n +-> use https");
        }
        try (CollectorProcess collector = CollectorProcess.start(folder, environment)) {
            Await.until("an object of a symbol is stored", () -> s3.objects().size() >= 2);
            assertThat(collector.text()).contains(warning);
            collector.stop();
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
