package io.marketdata.collector.store;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.ProxyRule;
import io.marketdata.collector.route.Tunnel;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;

/**
 * Sends the SDK's requests directly or through the proxy that the rule names for their host, and refuses http to an open
 * network: it would expose the signature and the session token on the way. Any thread.
 */
final class AwsHttp implements SdkHttpClient {

    private static final Duration TUNNEL_TIMEOUT = Duration.ofSeconds(5);

    private final ProxyRule proxies;
    private final boolean allowHttp;
    private final Supplier<Apache5HttpClient.Builder> settings;
    private final Map<Optional<ForwardProxy>, SdkHttpClient> clients = new ConcurrentHashMap<>();

    AwsHttp(ProxyRule proxies, boolean allowHttp, Supplier<Apache5HttpClient.Builder> settings) {
        this.proxies = proxies;
        this.allowHttp = allowHttp;
        this.settings = settings;
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        URI target = request.httpRequest().getUri();
        Optional<ForwardProxy> proxy = proxies.to(target);
        ExecutableHttpRequest prepared =
                clients.computeIfAbsent(proxy, this::open).prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                refuseOpenNetwork(target);
                HttpExecuteResponse response = prepared.call();
                if (proxy.isPresent()) {
                    try {
                        refuseAnswerOfProxy(response.httpResponse(), target, proxy.get());
                    } catch (IOException e) {
                        prepared.abort();
                        throw e;
                    }
                }
                return response;
            }

            @Override
            public void abort() {
                prepared.abort();
            }
        };
    }

    /**
     * The HTTP client hands over the proxy's refusal of a tunnel as if it were the service's answer. A refusal that is not
     * certainly the service's is attributed by asking for another tunnel.
     *
     * @throws IOException if the proxy refuses, naming it and what to do
     */
    private static void refuseAnswerOfProxy(SdkHttpResponse answer, URI target, ForwardProxy proxy) throws IOException {
        if (answer.statusCode() == 407) {
            throw new IOException(proxy.refusal(407));
        }
        boolean ofTheService = answer.isSuccessful()
                || answer.firstMatchingHeader("x-amz-request-id").isPresent();
        if (!ofTheService && !ProxyRule.isPlain(target)) {
            Tunnel.open(proxy, target.getHost(), ProxyRule.port(target), TUNNEL_TIMEOUT, Time.SYSTEM, made -> {})
                    .close();
        }
    }

    private SdkHttpClient open(Optional<ForwardProxy> proxy) {
        ProxyConfiguration.Builder through =
                ProxyConfiguration.builder().useSystemPropertyValues(false).useEnvironmentVariableValues(false);
        proxy.ifPresent(p -> through.endpoint(URI.create("http://" + p))
                .username(p.user())
                .password(p.password())
                .preemptiveBasicAuthenticationEnabled(p.user() != null));
        return settings.get().proxyConfiguration(through.build()).build();
    }

    /** A name is judged again for each request: what it resolves to may change. */
    private void refuseOpenNetwork(URI target) throws IOException {
        if (!allowHttp && proxies.crossesOpenNetwork(target)) {
            throw new ClientRefusal(AwsClients.openNetwork(target));
        }
    }

    @Override
    public String clientName() {
        return "Apache5";
    }

    @Override
    public void close() {
        clients.values().forEach(SdkHttpClient::close);
    }
}
