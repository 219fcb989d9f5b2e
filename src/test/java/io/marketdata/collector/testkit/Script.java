package io.marketdata.collector.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A script of this repository that has ended.
 *
 * @param code its exit code
 * @param text all that it printed, output and errors as one
 */
public record Script(int code, String text) {

    /** What the scripts end with where they cannot run. */
    private static final int CANNOT = 77;

    /** So long only a script runs that waits for something which never comes, also on a busy machine. */
    private static final int HANGS_MINUTES = 20;

    /** Runs one to its end; fails when it hangs. */
    public static Script run(Map<String, String> environment, List<String> command) throws Exception {
        Path output = Files.createTempFile("script", ".txt");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try {
                assertThat(process.waitFor(HANGS_MINUTES, TimeUnit.MINUTES))
                        .as("%s ends within %d min:%n%s", command, HANGS_MINUTES, Files.readString(output))
                        .isTrue();
            } finally {
                // SIGTERM, so that the script cleans up; bash does so once the program that it waits for has ended
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
            }
            return new Script(process.exitValue(), Files.readString(output));
        } finally {
            Files.delete(output);
        }
    }

    /** Skips the test if the script said that it cannot run here. */
    public Script skippedWhereItCannotRun() {
        assumeThat(code).as(text).isNotEqualTo(CANNOT);
        return this;
    }
}
