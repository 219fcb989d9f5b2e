package io.marketdata.collector.config;

import ch.qos.logback.core.PropertyDefinerBase;

/** Selects for {@code logback.xml} the file in {@code log/} that matches the destination of standard output. */
public final class LogTarget extends PropertyDefinerBase {

    @Override
    public String getPropertyValue() {
        return JournalStream.ofStandardOutput() ? "journal" : "stdout";
    }
}
