package io.marketdata.collector.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateNetworkTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "localhost",
                "[::1]",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.1.1",
                "100.64.0.1",
                "100.127.255.255",
                "[fc00::1]",
                "[fdff::1]",
                "[fe80::1]",
                "minio",
                "nas.local",
                "s3.corp.internal",
                "s3.localhost",
            })
    void privateHosts(String host) throws Exception {
        assertThat(PrivateNetwork.isPrivateByName(host)).isTrue();
        assertThat(PrivateNetwork.contains(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "172.32.0.1",
                "172.15.0.1",
                "192.169.0.1",
                "100.63.0.1",
                "100.128.0.1",
                "[2001:db8::1]",
                "[fbff::1]"
            })
    void publicAddresses(String host) throws Exception {
        assertThat(PrivateNetwork.contains(host)).isFalse();
    }

    @Test
    void nameWithoutAnAddressIsNeither() {
        assertThat(PrivateNetwork.isPrivateByName("minio.velero.svc")).isFalse();
        assertThatThrownBy(() -> PrivateNetwork.contains("minio.velero.invalid"))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void onlyLiteralsAndLocalhostAreLoopback() {
        assertThat(PrivateNetwork.isLoopback("localhost")).isTrue();
        assertThat(PrivateNetwork.isLoopback("127.1.2.3")).isTrue();
        assertThat(PrivateNetwork.isLoopback("[::1]")).isTrue();
        assertThat(PrivateNetwork.isLoopback("localhost.example")).isFalse();
        assertThat(PrivateNetwork.isLoopback("127.0.0.1.example")).isFalse();
    }
}
