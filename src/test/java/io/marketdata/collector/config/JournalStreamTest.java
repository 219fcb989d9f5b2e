package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalStreamTest {

    @TempDir
    private Path folder;

    @Test
    void onlyTheNamedStreamGoesToTheJournal() throws IOException {
        Path stream = Files.createFile(folder.resolve("stream"));
        String named = Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino");

        assertThat(JournalStream.is(named, stream)).isTrue();
        assertThat(JournalStream.is(named, Files.createFile(folder.resolve("other"))))
                .as("a shell started by a service inherits the variable but prints elsewhere")
                .isFalse();
        assertThat(JournalStream.is(null, stream)).isFalse();
        assertThat(JournalStream.is("", stream)).isFalse();
        assertThat(JournalStream.is(named, folder.resolve("gone"))).isFalse();
    }
}
