package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndpointsTest {

    private static final URI A = URI.create("wss://a.example:9443");
    private static final URI B = URI.create("wss://b.example:9443");
    private static final URI DATA_ONLY = URI.create("wss://data.example");

    @Test
    void eachFeedLineHasItsOwnServerAndTheNextOneAfterAFailure() {
        Endpoints endpoints = new Endpoints(List.of(A, B), null);

        assertThat(endpoints.pick(0, 0, 0)).isEqualTo(A);
        assertThat(endpoints.pick(1, 0, 0)).isEqualTo(B);
        assertThat(endpoints.pick(0, 1, 0)).isEqualTo(B);
        assertThat(endpoints.pick(0, 2, 0)).isEqualTo(A);
    }

    @Test
    void fallbackIsUsedOnlyWhenAllOthersRefuse() {
        Endpoints endpoints = new Endpoints(List.of(A, B), DATA_ONLY);
        endpoints.refusesLocation(A);
        assertThat(endpoints.onFallback()).isFalse();
        for (int failures = 0; failures < 5; failures++) {
            assertThat(endpoints.pick(0, failures, 0)).isEqualTo(B);
        }

        endpoints.refusesLocation(B);
        assertThat(endpoints.onFallback()).isTrue();
        assertThat(endpoints.allRefuse()).isFalse();
        assertThat(endpoints.pick(1, 3, 0)).isEqualTo(DATA_ONLY);

        endpoints.refusesLocation(DATA_ONLY);
        assertThat(endpoints.allRefuse()).isTrue();
        assertThat(endpoints.refusing()).isEqualTo("a.example:9443, b.example:9443, data.example");
    }

    @Test
    void withoutFallbackNoServerIsLeft() {
        Endpoints endpoints = new Endpoints(List.of(A), null);
        endpoints.refusesLocation(A);

        assertThat(endpoints.allRefuse()).isTrue();
        assertThat(endpoints.onFallback()).isFalse();
    }

    @Test
    void refusalOfOneHostLeavesTheOthersOpen() {
        URI otherPort = URI.create("wss://a.example:443");
        Endpoints endpoints = new Endpoints(List.of(A, otherPort, B), null);
        long start = -TimeUnit.SECONDS.toNanos(10);
        endpoints.closeUntil(A, start + 120);
        endpoints.closeUntil(A, start + 60);

        for (int failures = 0; failures < 5; failures++) {
            assertThat(endpoints.pick(0, failures, start + 119)).isEqualTo(B);
        }
        assertThat(endpoints.isAnyOpen(start + 119)).isTrue();
        assertThat(endpoints.pick(0, 0, start + 120)).isEqualTo(A);
    }

    @Test
    void noServerIsOpenWhileEveryHostRefuses() {
        Endpoints endpoints = new Endpoints(List.of(A, B), DATA_ONLY);
        endpoints.closeUntil(A, 120);
        endpoints.closeUntil(B, 60);

        assertThat(endpoints.isAnyOpen(59)).isFalse();
        assertThat(endpoints.isAnyOpen(60)).isTrue();
        assertThat(endpoints.pick(0, 0, 60)).isEqualTo(B);
    }
}
