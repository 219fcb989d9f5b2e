package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotifyCommandTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private void send(Duration patience, String script, String... assignments) throws Exception {
        new NotifyCommand(List.of("sh", "-c", script, "sh"), patience).send(List.of(assignments));
    }

    @Test
    void oneCallPassesEveryAssignmentUnchanged() throws Exception {
        Path said = folder.resolve("said");

        send(LONG, "printf '[%s]' \"$@\" > " + said, "WATCHDOG=1", "STATUS=ok, \"quoted\" $HOME");

        assertThat(said).hasContent("[WATCHDOG=1][STATUS=ok, \"quoted\" $HOME]");
    }

    @Test
    void failureReportsExitCodeAndOutput() {
        assertThatThrownBy(() -> send(LONG, "echo 'Failed to notify: no such socket' >&2; exit 3"))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("sh", "3", "Failed to notify: no such socket");
    }

    @Test
    void missingProgramIsAFailure() {
        NotifyCommand command =
                new NotifyCommand(List.of(folder.resolve("not-there").toString()), LONG);

        assertThatThrownBy(() -> command.send(List.of("READY=1"))).isInstanceOf(IOException.class);
    }

    @Test
    void hangingChildIsKilled() throws Exception {
        Path pid = folder.resolve("pid");

        assertThatThrownBy(() -> send(Duration.ofSeconds(1), "echo $$ > " + pid + "; exec sleep 1000"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 s");

        long child = Long.parseLong(Files.readString(pid).strip());
        Await.until(
                "the child is gone",
                () -> ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }
}
