package io.marketdata.collector.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyRuleTest {

    private static final ForwardProxy SECURE = ForwardProxy.parse("HTTPS_PROXY", "http://secure:1");
    private static final ForwardProxy PLAIN = ForwardProxy.parse("HTTP_PROXY", "http://plain:2");

    private static boolean isDirect(String destination, String exclusions) {
        return new ProxyRule(SECURE, PLAIN, exclusions)
                .to(URI.create(destination))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "wss://stream.example:9443, secure:1",
        "https://s3.example, secure:1",
        "http://minio:9000, plain:2",
        "https://[2001:db8::1]:443, secure:1",
    })
    void schemeChoosesTheProxy(String destination, String proxy) {
        assertThat(new ProxyRule(SECURE, PLAIN, "").to(URI.create(destination)).map(ForwardProxy::toString))
                .contains(proxy);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:9000",
                "http://127.9.9.9",
                "https://localhost:1",
                "https://[::1]:1",
                "http://169.254.169.254",
                "http://169.254.170.2",
                "http://[fd00:ec2::254]",
            })
    void thisMachineAndItsCredentialsAreReachedDirectly(String destination) {
        assertThat(isDirect(destination, "")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "https://a.example.com; *",
                "https://example.com; example.com",
                "https://a.b.example.com; example.com",
                "https://a.example.com; .example.com",
                "https://example.com; .example.com",
                "https://a.example.com; *.example.com",
                "https://A.Example.COM.; example.com",
                "https://a.example.com; other, .EXAMPLE.com",
                "https://a.example.com; other|*.example.com",
                "https://a.example.com; other a.example.com",
                "https://a.example.com:8443; a.example.com:8443",
                "https://a.example.com; example.com:443",
                "http://a.example.com; example.com:80",
                "https://10.1.2.3; 10.0.0.0/8",
                "https://10.1.2.3; 10.1.2.3",
                "https://10.1.2.3; 10.1.*",
                "https://10.1.2.3:9; 10.1.2.3:9",
                "https://1.2.3.4; 0.0.0.0/0",
                "https://[2001:db8::9]; 2001:db8::/32",
                "https://[2001:db8::9]; 2001:DB8:0::9",
                "https://[2001:db8::9]:7; [2001:db8::9]:7",
                "https://[2001:db8::9]; [2001:db8::9]",
            })
    void excludedDestinationIsReachedDirectly(String destination, String exclusions) {
        assertThat(isDirect(destination, exclusions)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "https://notexample.com; example.com",
                "https://example.com.evil; example.com",
                "https://a.example.com; a.example.com:8443",
                "https://11.1.2.3; 10.0.0.0/8",
                "https://10.1.2.3; 10.1.2.4",
                "https://10.11.2.3; 10.1.*",
                "https://name.example; 0.0.0.0/0",
                "https://[2001:db9::9]; 2001:db8::/32",
                "https://10.1.2.3; ::/0",
                "https://x.example; ','",
            })
    void otherDestinationsGoThroughTheProxy(String destination, String exclusions) {
        assertThat(isDirect(destination, exclusions)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/x", "host/8", "[::1", "a:b:c", "a*b", "a.*.b", "fd00::/129", "a:"})
    void entryThatCanMatchNothingIsRefused(String exclusions) {
        assertThatThrownBy(() -> new ProxyRule(null, null, exclusions)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void describesTheWayWithWhatNamesIt() {
        ProxyRule rule = new ProxyRule(ForwardProxy.parse("HTTPS_PROXY", "http://u:s3cret@p:1"), null, "");
        assertThat(rule.describe(URI.create("https://a.example")))
                .isEqualTo("through proxy p:1 with a password (HTTPS_PROXY)");
        assertThat(rule.describe(URI.create("http://a.example"))).isEqualTo("directly");
    }
}
