package io.marketdata.collector.route;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The destinations that are reached without the proxy, as in {@code NO_PROXY} and {@code http.nonProxyHosts}. An entry is
 * {@code *}; a host or domain, which includes its subdomains ({@code example.com}, {@code .example.com} and
 * {@code *.example.com} are the same); the beginning of a host ({@code 10.*}); an IP address; or a block of them
 * ({@code 10.0.0.0/8}). Each may end with {@code :PORT}, an IPv6 address in brackets then. Names are not resolved, so an
 * address or block applies only to a destination that is written as an address.
 */
final class ProxyExclusions {

    /** Allowed values, for error messages. */
    static final String ALLOWED =
            "hosts, domains, IP addresses or blocks (10.0.0.0/8), each with an optional :PORT, separated by commas; or *";

    private static final Pattern SEPARATORS = Pattern.compile("[,|\\s]+");
    private static final Pattern WITH_PORT =
            Pattern.compile("(?<host>[^:\\[\\]]+|\\[[^\\[\\]]+])(:(?<port>\\d{1,5}))?");

    private final List<BiPredicate<String, Integer>> entries;
    private final String patterns;

    /** @throws IllegalArgumentException with the reason, for an entry that can match nothing */
    ProxyExclusions(String text) {
        patterns = Arrays.stream(SEPARATORS.split(text))
                .filter(entry -> !entry.isEmpty() && !entry.contains(":") && !entry.contains("/"))
                .map(entry -> entry.startsWith(".") ? "*" + entry : entry)
                .flatMap(entry -> entry.startsWith("*") || entry.endsWith("*")
                        ? Stream.of(entry)
                        : Stream.of(entry, "*." + entry))
                .collect(Collectors.joining("|"));
        entries = Arrays.stream(SEPARATORS.split(text))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> entry(entry.toLowerCase(Locale.ROOT)))
                .toList();
    }

    /** @param host lower case, without brackets */
    boolean contains(String host, int port) {
        return entries.stream().anyMatch(entry -> entry.test(host, port));
    }

    /** In the form of {@code http.nonProxyHosts}, without the entries that have a port or are blocks. */
    String patterns() {
        return patterns;
    }

    private static BiPredicate<String, Integer> entry(String text) {
        if (PrivateNetwork.address(text) != null || text.contains("/")) {
            return block(text);
        }
        var parts = WITH_PORT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "not a host, address or block: an entry has a misplaced colon or bracket");
        }
        String host = parts.group("host");
        boolean isAddress = PrivateNetwork.address(host) != null;
        BiPredicate<String, Integer> matches = isAddress ? block(host) : name(host);
        if (parts.group("port") == null) {
            return matches;
        }
        int wanted = Integer.parseInt(parts.group("port"));
        return (target, port) -> port == wanted && matches.test(target, port);
    }

    private static BiPredicate<String, Integer> name(String pattern) {
        String domain = pattern.startsWith("*.")
                ? pattern.substring(2)
                : pattern.startsWith(".") ? pattern.substring(1) : pattern;
        if (domain.equals("*")) {
            return (target, port) -> true;
        }
        if (domain.endsWith("*") && domain.indexOf('*') == domain.length() - 1) {
            String beginning = domain.substring(0, domain.length() - 1);
            return (target, port) -> target.startsWith(beginning);
        }
        if (domain.isEmpty() || domain.contains("*")) {
            throw new IllegalArgumentException("a * may only be the first or the last character of an entry");
        }
        String suffix = domain.startsWith("*") ? domain.substring(1) : "." + domain;
        return (target, port) -> target.equals(domain) || target.endsWith(suffix);
    }

    private static BiPredicate<String, Integer> block(String text) {
        int slash = text.indexOf('/');
        @Nullable InetAddress base = PrivateNetwork.address(slash < 0 ? text : text.substring(0, slash));
        if (base == null) {
            throw new IllegalArgumentException(
                    "a block must start with an IP address, as in 10.0.0.0/8;" + " of a URL write only the host");
        }
        int bits = base.getAddress().length * Byte.SIZE;
        int fixed = slash < 0 ? bits : prefixLength(text.substring(slash + 1), bits);
        BigInteger prefix = prefix(base, fixed);
        return (target, port) -> {
            @Nullable InetAddress address = PrivateNetwork.address(target);
            return address != null
                    && address.getAddress().length * Byte.SIZE == bits
                    && prefix(address, fixed).equals(prefix);
        };
    }

    private static int prefixLength(String text, int bits) {
        if (!text.matches("\\d{1,3}") || Integer.parseInt(text) > bits) {
            throw new IllegalArgumentException("the length after / must be 0 to " + bits);
        }
        return Integer.parseInt(text);
    }

    private static BigInteger prefix(InetAddress address, int length) {
        byte[] bytes = address.getAddress();
        return new BigInteger(1, bytes).shiftRight(bytes.length * Byte.SIZE - length);
    }
}
