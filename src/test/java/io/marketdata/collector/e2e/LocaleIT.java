package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.CollectorProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Services and containers often have no {@code LANG}: the locale POSIX, under which Java reads only ASCII. */
@Tag("process")
@EnabledOnOs(OS.LINUX)
class LocaleIT {

    private static final String SYMBOL = "\u5e01\u5b89\u4eba\u751fUSDT";

    @TempDir
    private Path folder;

    @Test
    void aSymbolOutsideAsciiIsReadAndLoggedWithoutALocale() throws Exception {
        // Its spool directory cannot be used, so the start ends after the settings were logged.
        Assumptions.assumeTrue(Files.isWritable(Path.of("/proc")));
        String symbol = "export SYMBOL=$(printf '\\345\\270\\201\\345\\256\\211\\344\\272\\272\\347\\224\\237USDT')";
        try (CollectorProcess collector = start(symbol, Map.of("LOCAL_DIR", "/proc/nope"))) {
            collector.awaitLine("Setting: symbols " + SYMBOL);
            collector.awaitLine("ERROR - LOCAL_DIR=/proc/nope cannot be used: in /proc: No such file or directory");
            assertThat(collector.awaitExit()).isEqualTo(78);
        }
    }

    @Test
    void aDirectoryOutsideAsciiIsExplainedWithoutALocaleAndUsedWithOne() throws Exception {
        String spool = "export LOCAL_DIR=\"$(printf '%s/donn\\303\\251es' \"$PWD\")\"";
        try (CollectorProcess collector = start(spool, Map.of())) {
            collector.awaitLine(
                    "LOCAL_DIR=\".*/donn\u00e9es\" \\(environment\\): file names in this process can have only"
                            + " the characters of .*; set LANG=C.UTF-8");
            assertThat(collector.awaitExit()).isEqualTo(78);
        }
        try (CollectorProcess collector = start(spool + "; export LANG=C.UTF-8", Map.of())) {
            collector.awaitLine("Setting: spool .*/donn\u00e9es");
        }
    }

    private CollectorProcess start(String export, Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(Map.of(
                "RAW_BUCKET", "file:./bucket",
                "WS_URL", "ws://127.0.0.1:1",
                "REST_URL", "http://127.0.0.1:1"));
        environment.putAll(more);
        String script = "unset LANG LC_ALL LC_CTYPE; " + export + "; exec \"$@\"";
        return CollectorProcess.startThrough(List.of("sh", "-c", script, "sh"), folder, environment);
    }
}
