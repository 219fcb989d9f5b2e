package io.marketdata.collector.config;

import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.ProxyRule;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Composes the proxies from JVM properties and variables. For each of https and http the first that is set wins:
 * {@code -Dhttps.proxyHost}, {@code HTTPS_PROXY}, {@code ALL_PROXY}. {@code NO_PROXY} and {@code -Dhttp.nonProxyHosts} add
 * up.
 */
final class ProxySources {

    private ProxySources() {}

    /** @throws IllegalArgumentException with the property or variable that cannot be used, and why */
    static ProxyRule rule(
            @Nullable ForwardProxy secure,
            @Nullable ForwardProxy plain,
            @Nullable String all,
            @Nullable String direct) {
        if (System.getProperty("socksProxyHost") != null) {
            throw new IllegalArgumentException(
                    "-DsocksProxyHost: SOCKS is not supported, only HTTP proxies with CONNECT"
                            + " are; remove the property, and set HTTPS_PROXY to an HTTP proxy if there is one");
        }
        ForwardProxy https = chosen("https", secure, all);
        ForwardProxy http = chosen("http", plain, all);
        if (https == null && http == null) {
            return ProxyRule.DIRECT;
        }
        String property = System.getProperty("http.nonProxyHosts", "");
        try {
            return new ProxyRule(https, http, (direct == null ? "" : direct) + "," + property);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("-Dhttp.nonProxyHosts: " + e.getMessage(), e); // NO_PROXY is checked
        }
    }

    private static @Nullable ForwardProxy chosen(String scheme, @Nullable ForwardProxy own, @Nullable String all) {
        ForwardProxy property = ofProperties(scheme);
        if (property != null || own != null || all == null) {
            return property != null ? property : own;
        }
        try {
            return ForwardProxy.parse("ALL_PROXY", all);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "ALL_PROXY=" + (all.contains("@") ? "(not shown)" : Problems.quoted(all)) + ": " + e.getMessage()
                            + "; it applies because " + scheme.toUpperCase(Locale.ROOT) + "_PROXY is not set; allowed: "
                            + ForwardProxy.ALLOWED,
                    e);
        }
    }

    /** As the JDK documents them ("Java Networking and Proxies"); user and password are those that the AWS SDK knows. */
    private static @Nullable ForwardProxy ofProperties(String scheme) {
        String host = System.getProperty(scheme + ".proxyHost", "");
        if (host.isEmpty()) {
            return null;
        }
        String port = System.getProperty(scheme + ".proxyPort", scheme.equals("https") ? "443" : "80");
        String name = "-D" + scheme + ".proxyHost";
        try {
            ForwardProxy proxy = ForwardProxy.parse(name, host + ":" + port);
            String user = System.getProperty(scheme + ".proxyUser");
            String password = System.getProperty(scheme + ".proxyPassword", "");
            return user == null ? proxy : new ForwardProxy(proxy.host(), proxy.port(), user, password, name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " and -D" + scheme + ".proxyPort: " + e.getMessage(), e);
        }
    }
}
