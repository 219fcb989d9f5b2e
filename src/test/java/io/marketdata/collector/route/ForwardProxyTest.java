package io.marketdata.collector.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardProxyTest {

    @ParameterizedTest
    @CsvSource({
        "http://proxy.example:3128, proxy.example:3128",
        "http://proxy.example:3128/, proxy.example:3128",
        "HTTP://proxy.example, proxy.example:80",
        "proxy.example:3128, proxy.example:3128",
        "proxy, proxy:80",
        "http://[2001:db8::1]:8080, [2001:db8::1]:8080",
        "http://user:pass@10.0.0.1:1, 10.0.0.1:1",
    })
    void spellingsOfAnAddress(String text, String shown) {
        assertThat(ForwardProxy.parse("HTTPS_PROXY", text)).hasToString(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "http://Aladdin:open%20sesame@p:1, Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "http://a:b@c@p:1, Basic YTpiQGM=",
        "http://u@p:1, Basic dTo=",
        "u:%C3%A9@p:1, Basic dTrDqQ==",
    })
    void userAndPasswordArePercentDecoded(String text, String header) {
        assertThat(ForwardProxy.parse("HTTPS_PROXY", text).authorization()).contains(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socks5://s3cret:s3cret@p:1",
                "https://s3cret:s3cret@p:1",
                "http://s3cret:s3cret@",
                "http://s3cret:%zz@p:1",
                "http://:s3cret@p:1",
                "http://p:0",
                "http://p:65536",
                "http://p:x",
                "http://p/s3cret",
                "http://p?s3cret",
                "http://[::1",
                "p q",
                "",
                "ftp://p",
            })
    void whatIsNoAddressIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> ForwardProxy.parse("HTTPS_PROXY", text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank()
                .doesNotContain("s3cret");
    }

    @Test
    void socksIsRefusedWithAnExplanation() {
        assertThatThrownBy(() -> ForwardProxy.parse("ALL_PROXY", "socks5h://p:1080"))
                .hasMessageContaining("SOCKS is not supported")
                .hasMessageContaining("HTTP proxy");
    }

    @Test
    void passwordIsNeverPrinted() {
        ForwardProxy proxy = ForwardProxy.parse("HTTPS_PROXY", "http://user:s3cret@p:1");
        assertThat(proxy + proxy.refusal(407) + proxy.refusal(403)).doesNotContain("s3cret");
        assertThat(proxy.refusal(407))
                .isEqualTo("proxy p:1 answered 407; correct user and password in HTTPS_PROXY;"
                        + " only Basic authentication is supported");
    }
}
