package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalPriorityTest {

    private static String rendered(Level level, String text) {
        LoggingEvent event = new LoggingEvent();
        event.setLevel(level);
        return new JournalPriority().transform(event, text);
    }

    @ParameterizedTest
    @CsvSource({"ERROR,3", "WARN,4", "INFO,6", "DEBUG,7", "TRACE,7"})
    void eachLevelHasItsPriority(String level, int priority) {
        assertThat(rendered(Level.valueOf(level), "text\n")).isEqualTo("<" + priority + ">text\n");
    }

    @Test
    void everyLineOfAStackTraceHasThePriority() {
        assertThat(rendered(Level.ERROR, "failed\njava.io.IOException: no\n\tat A.b(A.java:1)\n"))
                .isEqualTo("<3>failed\n<3>java.io.IOException: no\n<3>\tat A.b(A.java:1)\n");
    }
}
