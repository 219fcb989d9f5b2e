package io.marketdata.collector.status;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Decides which {@code Host} headers are answered. A page on the Internet may resolve its own name to 127.0.0.1 (DNS
 * rebinding) and then read what this server answers, but its requests still name its own domain: so names are refused,
 * except {@code localhost} and the configured one. The port is not checked: behind a tunnel or a container's port mapping
 * it is another one, and it protects nothing.
 */
final class AllowedHosts {

    private static final Pattern PORT = Pattern.compile(":[0-9]{1,5}$");
    private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}|\\[::1]");
    private static final Pattern LITERAL = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]{2,45}]");

    private final String configured;
    private final boolean isLocalOnly;

    /**
     * Allows loopback addresses, {@code localhost} and the configured host.
     *
     * @param configured name or address, as {@code HTTP_HOST}
     * @param isLocalOnly whether it is reachable from this machine only; if not, every literal IP address is allowed
     */
    AllowedHosts(String configured, boolean isLocalOnly) {
        this.configured = bracketed(configured).toLowerCase(Locale.ROOT);
        this.isLocalOnly = isLocalOnly;
    }

    /** A literal IPv6 address in brackets, as in a URI; everything else unchanged. */
    static String bracketed(String host) {
        return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    }

    /** @param header the value of {@code Host}, with or without a port */
    boolean allows(String header) {
        String host = PORT.matcher(header.toLowerCase(Locale.ROOT)).replaceFirst("");
        return host.equals("localhost")
                || host.equals(configured)
                || LOOPBACK.matcher(host).matches()
                || (!isLocalOnly && LITERAL.matcher(host).matches());
    }
}
