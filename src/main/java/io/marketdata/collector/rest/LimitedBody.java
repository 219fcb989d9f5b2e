package io.marketdata.collector.rest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collects one body as text, and fails or cuts it off when it exceeds a limit, so that memory is left for live
 * recording.
 */
final class LimitedBody implements BodySubscriber<String> {

    private final int limit;
    private final boolean cutOff;
    private final CompletableFuture<String> whole = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    /**
     * @param limit bytes
     * @param cutOff whether a longer body is cut off; it fails otherwise
     */
    LimitedBody(int limit, boolean cutOff) {
        this.limit = limit;
        this.cutOff = cutOff;
    }

    @Override
    public CompletionStage<String> getBody() {
        return whole;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        subscription = newSubscription;
        newSubscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (whole.isDone()) {
                return;
            }
            int free = limit - bytes.size();
            byte[] copy = new byte[Math.min(buffer.remaining(), free)];
            boolean tooLong = buffer.remaining() > free;
            buffer.get(copy);
            bytes.writeBytes(copy);
            if (tooLong) {
                end();
            }
        }
    }

    private void end() {
        if (cutOff) {
            onComplete();
        } else {
            onError(new IOException("the answer is longer than " + limit + " bytes"));
        }
        if (subscription != null) {
            subscription.cancel();
        }
    }

    @Override
    public void onError(Throwable throwable) {
        whole.completeExceptionally(throwable);
    }

    @Override
    public void onComplete() {
        whole.complete(bytes.toString(StandardCharsets.UTF_8));
    }
}
