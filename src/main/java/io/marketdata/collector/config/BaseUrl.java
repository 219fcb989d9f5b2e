package io.marketdata.collector.config;

import io.marketdata.collector.route.PrivateNetwork;
import java.net.URI;
import java.net.URISyntaxException;

/** Formats of server addresses. Hosts are judged by their text alone, without name lookups. */
final class BaseUrl {

    private BaseUrl() {}

    /** An exchange address; scheme {@code plain} only for a loopback address. */
    static ValueFormat<URI> exchange(String secure, String plain) {
        return new ValueFormat<>(
                secure + "://HOST[:PORT], or " + plain
                        + "://HOST[:PORT] to a loopback address; no user, path, query or fragment",
                (text, base) -> read(text),
                url -> checkExchange(url, secure, plain));
    }

    /**
     * An S3 endpoint, which may have a path. Whether http may be used to that host depends on more than its name, see
     * {@link io.marketdata.collector.route.PrivateNetwork}.
     */
    static ValueFormat<URI> endpoint() {
        return new ValueFormat<>(
                "https://HOST[:PORT], or http://HOST[:PORT] in a private network; no user, query or fragment",
                (text, base) -> read(text),
                url -> check(url, "https", "http"));
    }

    private static void checkExchange(URI url, String secure, String plain) {
        check(url, secure, plain);
        if (!url.getRawPath().isEmpty()) {
            throw tooLong(url);
        }
        if (plain.equals(url.getScheme()) && !PrivateNetwork.isLoopback(url.getHost())) {
            throw new IllegalArgumentException(plain + ":// would cross an open network unencrypted");
        }
    }

    private static URI read(String text) {
        try {
            // Browsers copy such an address with a trailing slash.
            return new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL", e);
        }
    }

    private static void check(URI url, String secure, String plain) {
        String scheme = url.getScheme();
        String host = url.getHost();
        if (!secure.equals(scheme) && !plain.equals(scheme)) {
            throw new IllegalArgumentException("must start with " + secure + ":// or " + plain + "://");
        }
        if (host == null || url.getPort() == 0 || url.getPort() > 65_535) {
            throw new IllegalArgumentException("has no valid host or port");
        }
        if (url.getRawUserInfo() != null || url.getRawQuery() != null || url.getRawFragment() != null) {
            throw tooLong(url);
        }
    }

    private static IllegalArgumentException tooLong(URI url) {
        String base = url.getRawUserInfo() != null
                ? ""
                : ": write " + url.getScheme() + "://" + url.getHost() + (url.getPort() < 0 ? "" : ":" + url.getPort())
                        + (url.getScheme().startsWith("ws") ? ", the streams follow from SYMBOL" : "");
        return new IllegalArgumentException("has more than scheme, host and port" + base);
    }
}
