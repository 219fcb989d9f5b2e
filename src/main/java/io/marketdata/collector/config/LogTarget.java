package io.marketdata.collector.config;

import ch.qos.logback.core.PropertyDefinerBase;

/** For {@code logback.xml}: the file in {@code log/} that suits where standard output goes. */
public final class LogTarget extends PropertyDefinerBase {

    @Override
    public String getPropertyValue() {
        return JournalStream.ofStandardOutput() ? "journal" : "stdout";
    }
}
