package io.marketdata.collector.store;

import software.amazon.awssdk.core.exception.SdkClientException;

/** A request that this side does not send until the operator acts. The message says why and what to do; it is never retried. */
public final class ClientRefusal extends SdkClientException {

    private static final long serialVersionUID = 1;

    ClientRefusal(String message) {
        super(SdkClientException.builder().message(message));
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
