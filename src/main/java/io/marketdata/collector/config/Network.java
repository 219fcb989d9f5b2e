package io.marketdata.collector.config;

import io.marketdata.collector.route.PrivateNetwork;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Which exchange the settings name, recognised by its hosts. Trade ids of one exchange mean nothing to another, so their trades
 * must not meet in a spool or in a bucket.
 */
public final class Network {

    public static final String MAIN = "main network";
    public static final String TEST = "test network";
    public static final String SIMULATOR = "simulator";

    private Network() {}

    /**
     * The exchange of {@code WS_URL}: {@link #MAIN}, {@link #TEST}, {@link #SIMULATOR} (a loopback address), or else the
     * name of its first host.
     *
     * @throws IllegalArgumentException if {@code WS_URL}, {@code WS_FALLBACK_URL} and {@code REST_URL} name servers of
     *     several of the three
     */
    public static String of(Settings settings) {
        List<URI> streams = Stream.concat(
                        settings.feed().urls().stream(),
                        Stream.ofNullable(settings.feed().fallbackUrl()))
                .toList();
        List<String> known = Stream.concat(
                        streams.stream(), Stream.of(settings.rest().url()))
                .map(Network::of)
                .filter(network -> List.of(MAIN, TEST, SIMULATOR).contains(network))
                .distinct()
                .toList();
        if (known.size() > 1) {
            throw new IllegalArgumentException(
                    "WS_URL, WS_FALLBACK_URL and REST_URL name servers of different exchanges: "
                            + String.join(", ", known) + "; set all of them to servers of one exchange");
        }
        String first = of(streams.get(0));
        return streams.stream()
                .map(Network::of)
                .filter(known::contains)
                .findFirst()
                .orElse(first);
    }

    /**
     * Hosts as in binance-spot-api-docs (web-socket-streams.md, rest-api.md, testnet/general-info.md and
     * faqs/market_data_only.md, read 2026-11). {@code demo-*.binance.com} is an exchange of its own with real prices.
     */
    static String of(URI url) {
        String host = Objects.requireNonNull(url.getHost(), "a valid address has a host")
                .toLowerCase(Locale.ROOT);
        if (PrivateNetwork.isLoopback(host)) {
            return SIMULATOR;
        }
        if (host.equals("testnet.binance.vision") || host.endsWith(".testnet.binance.vision")) {
            return TEST;
        }
        boolean isMain = host.endsWith(".binance.com") || host.endsWith(".binance.vision");
        return isMain && !host.startsWith("demo-") ? MAIN : host;
    }
}
