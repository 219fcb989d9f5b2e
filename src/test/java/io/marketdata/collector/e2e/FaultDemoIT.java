package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Oracle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The demo's fault injection; it leaves no process behind, however it ends. */
@Execution(ExecutionMode.CONCURRENT)
class FaultDemoIT {

    private static final Pattern PROCESS = Pattern.compile("\\bprocess (\\d+)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\S.* \\| .* \\| (\\d+)$");

    @TempDir
    private Path folder;

    @Test
    void faultInjectionLosesNoTradeAndReportsWhatEachFaultDid() throws Exception {
        try (CollectorProcess demo = start("--seconds", "30")) {
            Await.until("it has ended", 150, () -> !demo.isAlive());
            assertThat(demo.awaitExit()).as(demo.text()).isZero();

            assertThat(ROW.matcher(demo.text()).results().map(row -> row.group(1)))
                    .as(demo.text())
                    .hasSize(11)
                    .containsOnly("0");
            assertThat(demo.text())
                    .containsPattern("7 trades not delivered +\\| .*7 trades backfilled")
                    .containsPattern("5 trades not delivered, REST answers 503 +\\| .*trades backfilled")
                    .containsPattern("kill -9 .* \\| restarted after 1 s with [1-9]\\d* parts? in the backlog")
                    .containsPattern("503 to 4 uploads +\\| 4 uploads refused and retried")
                    .containsPattern("500 to 3 uploads +\\| 3 uploads refused and retried")
                    .containsPattern("2 objects, answers lost +\\| 2 answers lost, [1-9]")
                    .contains("\nmissing 0")
                    .doesNotContain("problem:", "\tat ");
            assertThat(Oracle.of(folder.resolve("demo/bucket")).lines()).isNotEmpty();
        }
    }

    @Test
    void ctrlCChecksTheRecordedTradesAndEndsTheCollector() throws Exception {
        try (CollectorProcess demo = start("--seconds", "30")) {
            long collector = collector(demo);
            demo.awaitLine("FAULT both connections are cut");
            // a terminal sends the signal to both
            demo.terminate();
            ProcessHandle.of(collector).ifPresent(ProcessHandle::destroy);
            demo.awaitExit();

            assertThat(demo.text()).contains("Stopped early", "\nmissing 0");
            assertThat(PROCESS.matcher(demo.text()).results().map(each -> Long.parseLong(each.group(1))))
                    .contains(collector)
                    .noneMatch(FaultDemoIT::isAlive);
        }
    }

    @Test
    void killOfTheDemoEndsTheCollector() throws Exception {
        try (CollectorProcess demo = start("--seconds", "30")) {
            long collector = collector(demo);
            demo.awaitLine("FAULT one connection is cut");
            assertThat(isAlive(collector)).isTrue();

            demo.kill();

            Await.until("the collector has ended", () -> !isAlive(collector));
        }
    }

    @Test
    void tooShortAFaultInjectionIsRefused() throws Exception {
        try (CollectorProcess demo = start("--seconds", "29")) {
            assertThat(demo.awaitExit()).isEqualTo(64);
            assertThat(demo.text()).contains("--seconds 29: out of range; allowed with --faults: 30 to 3600");
        }
    }

    private CollectorProcess start(String... more) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(
                List.of("demo", "--faults", "--dir", folder.resolve("demo").toString()));
        arguments.addAll(List.of(more));
        return CollectorProcess.start(folder, Map.of(), arguments.toArray(String[]::new));
    }

    private static long collector(CollectorProcess demo) throws InterruptedException {
        Matcher matcher = PROCESS.matcher(demo.awaitLine("^Collector +process"));
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }
}
