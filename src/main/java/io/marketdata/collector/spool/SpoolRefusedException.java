package io.marketdata.collector.spool;

import java.io.IOException;

/**
 * The spool must not be used as the settings say: it belongs to another exchange or bucket, or another user could write
 * to it. The message says why and what to do; a person has to change the settings or the directory.
 */
public final class SpoolRefusedException extends IOException {
    private static final long serialVersionUID = 1;

    public SpoolRefusedException(String message) {
        super(message);
    }
}
