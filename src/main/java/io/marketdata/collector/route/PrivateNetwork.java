package io.marketdata.collector.route;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which hosts are in a private network or on this machine. Any thread. */
public final class PrivateNetwork {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    // Names that never leave the local network: RFC 6761, RFC 6762, and ICANN's reservation of .internal (2024-07-29).
    private static final List<String> PRIVATE_DOMAINS = List.of(".localhost", ".local", ".internal");

    private PrivateNetwork() {}

    /**
     * Whether the traffic to a host stays on this machine or in a private network: the host is a private address, or a name
     * that never leaves the local network, or all addresses of the name are private.
     *
     * @throws UnknownHostException if the name has no address now
     */
    public static boolean contains(String host) throws UnknownHostException {
        return isPrivateByName(host)
                || Arrays.stream(InetAddress.getAllByName(host)).allMatch(PrivateNetwork::isPrivate);
    }

    /** The same by the text alone, without a name lookup; false if that would need one. */
    public static boolean isPrivateByName(String host) {
        @Nullable InetAddress address = address(host);
        if (address != null) {
            return isPrivate(address);
        }
        String name = host.toLowerCase(Locale.ROOT);
        return !name.contains(".") || PRIVATE_DOMAINS.stream().anyMatch(name::endsWith);
    }

    /** Whether a host is this machine, by the text alone. */
    public static boolean isLoopback(String host) {
        @Nullable InetAddress address = address(host);
        String name = host.toLowerCase(Locale.ROOT);
        return address == null ? name.equals("localhost") : address.isLoopbackAddress();
    }

    /** The address that a text is, with or without brackets; null for a name. No name server is queried. */
    static @Nullable InetAddress address(String host) {
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        String text = brackets ? host.substring(1, host.length() - 1) : host;
        if (!IPV4.matcher(text).matches() && !IPV6.matcher(text).matches()) {
            return null;
        }
        try {
            // For a literal this parses the text and queries no name server (InetAddress.getByName, Java 17 API).
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                // RFC 1918; for IPv6 this is the older fec0::/10.
                || address.isSiteLocalAddress()
                // 100.64.0.0/10, RFC 6598: between a provider and its customers, also used inside of clusters.
                || (address instanceof Inet4Address && bytes[0] == 100 && (bytes[1] & 0xC0) == 0x40)
                // fc00::/7, RFC 4193
                || (bytes.length == 16 && (bytes[0] & 0xFE) == 0xFC);
    }

    /** Whether a host is this machine or gives credentials to it: these are never reached through a proxy. */
    static boolean isOfThisMachine(String host) {
        @Nullable InetAddress address = address(host);
        return isLoopback(host) || (address != null && (address.isLinkLocalAddress() || isInstanceMetadata(address)));
    }

    /** fd00:ec2::/32: the metadata service and the credentials of EKS Pod Identity over IPv6 (EC2 User Guide). */
    private static boolean isInstanceMetadata(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 16
                && bytes[0] == (byte) 0xFD
                && bytes[1] == 0
                && bytes[2] == 0x0E
                && bytes[3] == (byte) 0xC2;
    }
}
