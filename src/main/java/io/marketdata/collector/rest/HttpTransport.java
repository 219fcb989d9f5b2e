package io.marketdata.collector.rest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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

    private final Executor executor;

    private volatile HttpClient client;

    /** @param executor runs the client's short tasks; its selector thread is the client's own */
    public HttpTransport(Executor executor) {
        this.executor = executor;
        this.client = newClient();
    }

    private HttpClient newClient() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .build();
    }

    @Override
    public Answer get(URI uri, Map<String, String> headers, Duration timeout) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
        headers.forEach(request::setHeader);
        CompletableFuture<HttpResponse<String>> future = client.sendAsync(
                request.build(),
                response -> response.statusCode() == 200
                        ? new LimitedBody(MAX_BODY, false)
                        : new LimitedBody(MAX_ERROR_BODY, true));
        try {
            HttpResponse<String> response = future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
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
            throw new IOException(reason(e), e);
        } finally {
            future.cancel(true);
        }
    }

    /** The client's message with the exception's name; a refused connection has no message. */
    private static String reason(ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String name = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
    }
}
