package io.marketdata.collector.rest;

import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.ProxyRule;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends requests with the JDK's HTTP client, HTTP/1.1, and one hard time-out for the whole request: the client's own
 * ends with the headers, and a body that trickles would block the caller indefinitely. Redirects are not followed. Any
 * thread.
 *
 * <p>After a failure the next request uses a new client: one whose selector thread has died fails every request. The
 * old client ends by itself when nothing refers to it any more.
 */
public final class HttpTransport implements Transport {

    /** Bytes; 1,000 trades are 170 kB, 100 symbols of exchangeInfo are about 300 kB. */
    private static final int MAX_BODY = 2 << 20;

    /** Bytes of the answer to a refused or failed request; what is longer is cut off. */
    private static final int MAX_ERROR_BODY = 8 << 10;

    /** The client's message when a proxy refuses a tunnel (jdk.internal.net.http.PlainTunnelingConnection). */
    private static final Pattern REFUSED_TUNNEL = Pattern.compile("Tunnel failed, got: (\\d{3})");

    static {
        // Otherwise the client sends no Basic authentication to the proxy of an https server (conf/net.properties). It
        // reads this when its classes are loaded.
        System.setProperty(
                "jdk.http.auth.tunneling.disabledSchemes",
                System.getProperty("jdk.http.auth.tunneling.disabledSchemes", ""));
    }

    private final Executor executor;
    private final ProxyRule proxies;

    private volatile HttpClient client;

    /** Without a proxy. */
    public HttpTransport(Executor executor) {
        this(executor, ProxyRule.DIRECT);
    }

    /**
     * Through the proxy that a rule names for the server.
     *
     * @param executor runs the client's short tasks; its selector thread is the client's own
     */
    public HttpTransport(Executor executor, ProxyRule proxies) {
        this.executor = executor;
        this.proxies = proxies;
        this.client = newClient();
    }

    private HttpClient newClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .proxy(new Selector(proxies))
                .build();
    }

    /** The names of destinations are not resolved here. */
    private static final class Selector extends ProxySelector {
        private final ProxyRule proxies;

        Selector(ProxyRule proxies) {
            this.proxies = proxies;
        }

        @Override
        public List<Proxy> select(URI uri) {
            return List.of(proxies.to(uri)
                    .map(p -> new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(p.host(), p.port())))
                    .orElse(Proxy.NO_PROXY));
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {
            // the request itself fails, with a reason
        }
    }

    @Override
    public Answer get(URI uri, Map<String, String> headers, Duration timeout) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
        headers.forEach(request::setHeader);
        Optional<ForwardProxy> proxy = proxies.to(uri);
        // Sent to the proxy alone: the client takes it out of what goes through a tunnel.
        proxy.flatMap(ForwardProxy::authorization).ifPresent(value -> request.setHeader("Proxy-Authorization", value));
        CompletableFuture<HttpResponse<String>> future = client.sendAsync(
                request.build(),
                response -> response.statusCode() == 200
                        ? new LimitedBody(MAX_BODY, false)
                        : new LimitedBody(MAX_ERROR_BODY, true));
        try {
            HttpResponse<String> response = future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            if (proxy.isPresent() && response.statusCode() == 407) {
                throw new IOException(proxy.get().refusal(407));
            }
            Map<String, String> firsts = new HashMap<>();
            response.headers()
                    .map()
                    .forEach((name, values) -> firsts.putIfAbsent(name.toLowerCase(Locale.ROOT), values.get(0)));
            return new Answer(response.statusCode(), firsts, response.body());
        } catch (TimeoutException e) {
            client = newClient();
            throw new HttpTimeoutException("no complete answer within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OutOfMemoryError error) {
                throw error;
            }
            client = newClient();
            throw new IOException(proxy.map(through -> reason(e, through)).orElseGet(() -> reason(e)), e);
        } finally {
            future.cancel(true);
        }
    }

    private static String reason(ExecutionException e, ForwardProxy proxy) {
        String reason = reason(e);
        Matcher refused = REFUSED_TUNNEL.matcher(reason);
        return refused.find()
                ? proxy.refusal(Integer.parseInt(refused.group(1)))
                : "through proxy " + proxy + " (" + proxy.source() + "): " + reason;
    }

    /** The client's message with the exception's name; a refused connection has no message. */
    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }
}
