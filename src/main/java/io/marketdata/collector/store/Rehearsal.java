package io.marketdata.collector.store;

import java.net.URI;
import java.util.function.Consumer;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Runs a request up to the point where it would be sent, so that the SDK reads its whole configuration and says where the
 * request goes. Nothing leaves this machine.
 */
public final class Rehearsal implements SdkHttpClient {

    private Rehearsal() {}

    /**
     * Rehearses one request.
     *
     * @param request makes one request with this HTTP client
     * @return scheme, host and port that it would be sent to
     * @throws RuntimeException of the SDK, if its configuration cannot be used
     */
    public static URI addressOf(Consumer<SdkHttpClient> request) {
        try {
            request.accept(new Rehearsal());
        } catch (Reached e) {
            return e.address;
        }
        throw new IllegalStateException("the AWS SDK has sent no request");
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        throw new Reached(request.httpRequest().getUri().resolve("/"));
    }

    @Override
    public void close() {}

    private static final class Reached extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final URI address;

        Reached(URI address) {
            super("rehearsed", null, false, false);
            this.address = URI.create(address.toString().replaceAll("/$", ""));
        }
    }
}
