package io.marketdata.collector.collect;

import io.marketdata.collector.cloudwatch.Publisher;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.ProxyRule;
import io.marketdata.collector.store.AwsClients;
import io.marketdata.collector.store.AwsConfiguration;
import io.marketdata.collector.store.AwsConfigurationException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a run: those of the operator, and what the AWS SDK resolves from its own configuration, which is read
 * here once.
 */
public final class StartSettings {

    /** Hosts that are never reached through a proxy, in the form of {@code http.nonProxyHosts}. */
    private static final String THIS_MACHINE = "localhost|127.*|[::1]|169.254.*";

    private StartSettings() {}

    /**
     * Loads and resolves the settings of this process.
     *
     * @throws SettingsException with every problem of the operator's settings, or else of the SDK's configuration
     */
    public static Settings load() throws SettingsException {
        return resolve(SettingsLoader.ofProcess().load());
    }

    /**
     * Resolves settings that are loaded already.
     *
     * @throws SettingsException with every problem of the SDK's configuration
     */
    public static Settings resolve(Settings settings) throws SettingsException {
        List<String> problems = new ArrayList<>();
        List<String> warnings = new ArrayList<>(settings.warnings());
        StoreTarget store = settings.store();
        Settings.Routes routes = settings.routes();
        useForCredentials(routes.proxies());
        @Nullable URI storeAddress = null;
        @Nullable URI cloudWatchAddress = null;
        try {
            if (store instanceof StoreTarget.S3 s3) {
                AwsConfiguration.Bucket bucket = AwsConfiguration.bucket(Recording.s3Options(settings, s3));
                store = s3.at(bucket.endpoint());
                storeAddress = bucket.address();
                if (bucket.regionIsUnusual()) {
                    warnings.add("AWS_REGION: the AWS SDK knows no region " + s3.region() + ", so requests go to "
                            + storeAddress
                            + "; correct AWS_REGION, or set AWS_ENDPOINT_URL_S3 if the bucket is not on AWS");
                }
            }
            if (settings.cloudWatch().on()) {
                cloudWatchAddress = Publisher.address(Monitors.cloudWatchOptions(settings));
            }
        } catch (AwsConfigurationException | IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        judge("S3", storeAddress, routes, problems, warnings);
        judge("CloudWatch", cloudWatchAddress, routes, problems, warnings);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        Settings.Routes resolved =
                new Settings.Routes(routes.proxies(), routes.allowHttpEndpoint(), storeAddress, cloudWatchAddress);
        return settings.resolved(store, resolved, warnings);
    }

    /** Refuses http to an open network, whatever names the endpoint. */
    private static void judge(
            String service,
            @Nullable URI address,
            Settings.Routes routes,
            List<String> problems,
            List<String> warnings) {
        try {
            if (address == null || !routes.proxies().crossesOpenNetwork(address)) {
                return;
            }
            String problem =
                    "endpoint of " + service + " (from " + sources(service) + "): " + AwsClients.openNetwork(address);
            if (routes.allowHttpEndpoint()) {
                warnings.add(
                        "Endpoint of " + service + ": " + address + " is outside of private networks and has no TLS,"
                                + " as ALLOW_HTTP_ENDPOINT=yes allows; use https where you can");
            } else {
                problems.add(problem);
            }
        } catch (UnknownHostException e) {
            warnings.add(
                    "Endpoint of " + service + ": the name " + address.getHost() + " cannot be resolved now; check it"
                            + " in " + sources(service) + ". Requests over http are sent only once it"
                            + " resolves to a private address");
        }
    }

    /** What may name the endpoint of a service: AWS SDKs and Tools Reference Guide, "Service-specific endpoints". */
    private static String sources(String service) {
        return "AWS_ENDPOINT_URL_" + service.toUpperCase(Locale.ROOT) + ", AWS_ENDPOINT_URL or the profile";
    }

    /**
     * The SDK makes clients of its own for STS and SSO, which read JVM properties, and read NO_PROXY in another way than
     * everything else here.
     */
    private static void useForCredentials(ProxyRule proxies) {
        Optional<ForwardProxy> proxy = proxies.to(URI.create("https://sts.amazonaws.com"));
        if (proxies.equals(ProxyRule.DIRECT)) {
            return;
        }
        System.setProperty("http.nonProxyHosts", THIS_MACHINE + "|" + proxies.exclusionPatterns());
        proxy.ifPresent(through -> {
            for (String scheme : List.of("http", "https")) {
                System.setProperty(scheme + ".proxyHost", through.host());
                System.setProperty(scheme + ".proxyPort", Integer.toString(through.port()));
                if (through.user() != null) {
                    System.setProperty(scheme + ".proxyUser", through.user());
                    System.setProperty(scheme + ".proxyPassword", String.valueOf(through.password()));
                }
            }
        });
    }
}
