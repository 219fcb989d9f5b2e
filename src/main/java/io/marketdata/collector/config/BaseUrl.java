package io.marketdata.collector.config;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Formats of server addresses: scheme, host and optional port, nothing else. The scheme without encryption is allowed only
 * if the traffic stays on this machine or in a private network. Hosts are judged by their text alone, without name lookups.
 */
final class BaseUrl {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    // Names that never leave the local network: RFC 6761, RFC 6762, and ICANN's reservation of .internal (2024-07-29).
    private static final List<String> PRIVATE_DOMAINS = List.of(".localhost", ".local", ".internal");

    private BaseUrl() {}

    /** An exchange address; scheme {@code plain} only for a loopback address. */
    static ValueFormat<URI> exchange(String secure, String plain) {
        return format(secure, plain, BaseUrl::isLoopback, "a loopback address");
    }

    /** An S3 endpoint; http also in a private network, where test servers such as LocalStack and MinIO run. */
    static ValueFormat<URI> endpoint() {
        String where =
                "a loopback or private address, a name without dots, or a name in .localhost, .local or .internal";
        return format("https", "http", BaseUrl::isPrivate, where);
    }

    private static ValueFormat<URI> format(String secure, String plain, Predicate<String> plainHost, String where) {
        return new ValueFormat<>(
                secure + "://HOST[:PORT], or " + plain + "://HOST[:PORT] to " + where
                        + "; no user, path, query or fragment",
                (text, base) -> read(text),
                url -> check(url, secure, plain, plainHost));
    }

    private static URI read(String text) {
        try {
            // Browsers copy such an address with a trailing slash.
            return new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL", e);
        }
    }

    private static void check(URI url, String secure, String plain, Predicate<String> plainHost) {
        String scheme = url.getScheme();
        String host = url.getHost();
        if (!secure.equals(scheme) && !plain.equals(scheme)) {
            throw new IllegalArgumentException("must start with " + secure + ":// or " + plain + "://");
        }
        if (host == null || url.getPort() == 0 || url.getPort() > 65_535) {
            throw new IllegalArgumentException("has no valid host or port");
        }
        if (url.getRawUserInfo() != null
                || !url.getRawPath().isEmpty()
                || url.getRawQuery() != null
                || url.getRawFragment() != null) {
            throw new IllegalArgumentException("has more than scheme, host and port");
        }
        if (plain.equals(scheme) && !plainHost.test(host)) {
            throw new IllegalArgumentException(plain + ":// would cross an open network unencrypted");
        }
    }

    static boolean isLoopback(String host) {
        return host.equalsIgnoreCase("localhost") || isLiteral(host, InetAddress::isLoopbackAddress);
    }

    private static boolean isPrivate(String host) {
        if (host.startsWith("[") || IPV4.matcher(host).matches()) {
            return isLiteral(host, BaseUrl::isPrivateAddress);
        }
        String name = host.toLowerCase(Locale.ROOT);
        return !name.contains(".") || PRIVATE_DOMAINS.stream().anyMatch(name::endsWith);
    }

    private static boolean isPrivateAddress(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                // fc00::/7, RFC 4193; the JDK's "site local" is the older fec0::/10.
                || (address.getAddress().length == 16 && (address.getAddress()[0] & 0xfe) == 0xfc);
    }

    private static boolean isLiteral(String host, Predicate<InetAddress> test) {
        if (!host.startsWith("[") && !IPV4.matcher(host).matches()) {
            return false;
        }
        try {
            // For a literal this parses the text and queries no name server (InetAddress.getByName, Java 17 API).
            return test.test(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
