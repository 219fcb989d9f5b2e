package io.marketdata.collector.route;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy that opens tunnels with CONNECT (RFC 9110, 9.3.6), reached without TLS.
 *
 * @param host a name, an IPv4 address, or an IPv6 address in brackets
 * @param user null: the proxy asks for none
 * @param password null if and only if {@code user} is null; never printed
 * @param source the variable or JVM property that names it, for messages
 */
public record ForwardProxy(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        String source) {

    /** Allowed values, for error messages. */
    public static final String ALLOWED =
            "http://[USER:PASSWORD@]HOST[:PORT], with special characters of USER and PASSWORD"
                    + " percent-encoded; port 80 if none is given";

    /** RFC 9110 leaves the port to the scheme, and http has 80. */
    private static final int DEFAULT_PORT = 80;

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?<host>[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(:(?<port>\\d{1,5}))?/?");

    /**
     * Parses {@code http://user:password@host:port}; all but the host may be absent.
     *
     * @throws IllegalArgumentException with the reason, which repeats nothing of the value
     */
    public static ForwardProxy parse(String source, String text) {
        String rest = text;
        var scheme = SCHEME.matcher(text);
        if (scheme.matches()) {
            requireHttp(scheme.group(1).toLowerCase(Locale.ROOT));
            rest = text.substring(scheme.end(1) + "://".length());
        }
        int at = rest.lastIndexOf('@');
        var server = HOST_AND_PORT.matcher(rest.substring(at + 1));
        if (!server.matches()) {
            throw new IllegalArgumentException("not a proxy address");
        }
        int port = server.group("port") == null ? DEFAULT_PORT : Integer.parseInt(server.group("port"));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("the port must be 1 to 65535");
        }
        if (at < 0) {
            return new ForwardProxy(server.group("host"), port, null, null, source);
        }
        int colon = rest.substring(0, at).indexOf(':');
        String user = decoded(rest.substring(0, colon < 0 ? at : colon));
        String password = colon < 0 ? "" : decoded(rest.substring(colon + 1, at));
        if (user.isEmpty() || user.contains(":")) {
            throw new IllegalArgumentException("the user before @ must have a name without a colon");
        }
        return new ForwardProxy(server.group("host"), port, user, password, source);
    }

    private static void requireHttp(String scheme) {
        if (scheme.startsWith("socks")) {
            throw new IllegalArgumentException("SOCKS is not supported, only HTTP proxies with CONNECT are; set the"
                    + " address of an HTTP proxy, or unset it and route the traffic outside of this process");
        }
        if (!scheme.equals("http")) {
            throw new IllegalArgumentException("the proxy itself is reached without TLS (what goes through it has TLS);"
                    + " its address must start with http://");
        }
    }

    private static String decoded(String text) {
        try {
            // A form's value, which this method is for, has a + in place of a space.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("write a % of the user or password as %25", e);
        }
    }

    /** The value of {@code Proxy-Authorization} (RFC 7617); empty without a user. */
    public Optional<String> authorization() {
        return Optional.ofNullable(user)
                .map(name -> (name + ":" + password).getBytes(StandardCharsets.UTF_8))
                .map(bytes -> "Basic " + Base64.getEncoder().encodeToString(bytes));
    }

    /** What to report when the proxy refuses a tunnel, with what to do. */
    public String refusal(int status) {
        String remedy = switch (status) {
            case 407 ->
                user == null
                        ? "set user and password in " + source
                        : "correct user and password in " + source + "; only Basic authentication is supported";
            case 403, 405 -> "allow this destination and its port in the proxy, or list the host in NO_PROXY";
            default -> "check the proxy";
        };
        return "proxy " + this + " answered " + status + "; " + remedy;
    }

    /** Host and port, without user and password. */
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
