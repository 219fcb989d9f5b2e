package io.marketdata.collector.store;

/** The AWS SDK cannot use its configuration. The message names the variable, file or profile, and says what to do. */
public final class AwsConfigurationException extends Exception {

    private static final long serialVersionUID = 1;

    AwsConfigurationException(String message) {
        super(message);
    }

    AwsConfigurationException(String message, Throwable cause) {
        super(message, cause);
    }
}
