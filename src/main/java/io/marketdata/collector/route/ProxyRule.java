package io.marketdata.collector.route;

import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy leads to which destination. This machine, and the link-local addresses that give it credentials, are always
 * reached directly. Immutable.
 */
public final class ProxyRule {

    /** Allowed values of {@code NO_PROXY}, for error messages. */
    public static final String EXCLUSIONS_ALLOWED = ProxyExclusions.ALLOWED;

    /** Every destination is reached directly. */
    public static final ProxyRule DIRECT = new ProxyRule(null, null, "");

    private final @Nullable ForwardProxy secure;
    private final @Nullable ForwardProxy plain;
    private final ProxyExclusions exclusions;

    /**
     * @param secure for https and wss; null: none
     * @param plain for http and ws; null: none
     * @param exclusions destinations reached directly, as in {@code NO_PROXY}
     * @throws IllegalArgumentException if an exclusion can match nothing
     */
    public ProxyRule(@Nullable ForwardProxy secure, @Nullable ForwardProxy plain, String exclusions) {
        this.secure = secure;
        this.plain = plain;
        this.exclusions = new ProxyExclusions(exclusions);
    }

    /** The proxy to a destination; empty: it is reached directly. */
    public Optional<ForwardProxy> to(URI destination) {
        boolean isPlain = isPlain(destination);
        @Nullable ForwardProxy proxy = isPlain ? plain : secure;
        String host = host(destination);
        boolean direct = PrivateNetwork.isOfThisMachine(host) || exclusions.contains(host, port(destination));
        return direct ? Optional.empty() : Optional.ofNullable(proxy);
    }

    /** The exclusions in the form of {@code http.nonProxyHosts}, as far as that can say it: without ports and blocks. */
    public String exclusionPatterns() {
        return exclusions.patterns();
    }

    /** For the log and for {@code doctor}: {@code directly}, or through which proxy and what names it. */
    public String describe(URI destination) {
        return to(destination)
                .map(proxy -> "through proxy " + proxy + (proxy.user() == null ? "" : " with a password") + " ("
                        + proxy.source() + ")")
                .orElse("directly");
    }

    /** The port of a destination, or the one of its scheme. */
    public static int port(URI destination) {
        return destination.getPort() > 0 ? destination.getPort() : isPlain(destination) ? 80 : 443;
    }

    /** Whether the traffic to a destination has no TLS. */
    public static boolean isPlain(URI destination) {
        return "http".equals(destination.getScheme()) || "ws".equals(destination.getScheme());
    }

    /**
     * Whether a request would leave private networks without TLS. Through a proxy the name is not resolved here, and is
     * judged by its text.
     *
     * @throws UnknownHostException if the name must be resolved and has no address now
     */
    public boolean crossesOpenNetwork(URI destination) throws UnknownHostException {
        if (!isPlain(destination)) {
            return false;
        }
        String host = destination.getHost();
        return to(destination).isPresent() ? !PrivateNetwork.isPrivateByName(host) : !PrivateNetwork.contains(host);
    }

    /** The host in lower case, without the brackets of an IPv6 address and without a final dot. */
    private static String host(URI destination) {
        String host = Objects.requireNonNull(destination.getHost(), "a valid address has a host")
                .toLowerCase(Locale.ROOT);
        if (host.startsWith("[")) {
            return host.substring(1, host.length() - 1);
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
