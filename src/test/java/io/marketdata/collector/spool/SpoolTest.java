package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Starts on different contents of a symbol's directory. */
class SpoolTest {

    private static final String PART = "part-local-001-1736950335000";

    private final MemoryDisk disk = new MemoryDisk();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Spool.class);
    private final List<SealedPart> found = new ArrayList<>();
    private Level levelBefore;
    private Spool spool;

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(disk, Path.of("/spool"), Trades.BTCUSDT);
        levelBefore = logger.getLevel();
        logger.setLevel(Level.WARN);
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() throws IOException {
        logger.detachAppender(log);
        logger.setLevel(levelBefore);
        spool.close();
    }

    @Test
    void foreignFileIsKeptAndLoggedOnce() throws IOException {
        for (String name : List.of("notes\n.txt", PART + ".jsonl.gz.old", "part-x.jsonl", "manifest-x.json")) {
            put(name);
        }
        disk.createDirectories(spool.directory().resolve("quarantine"));
        startAgain();
        sweep();
        sweep();

        assertThat(log.list).hasSize(4).extracting(ILoggingEvent::getLevel).containsOnly(Level.WARN);
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(message -> message.contains("\n"))
                .anyMatch(message -> message.contains("part-x.jsonl in /spool/"));
        assertThat(found).isEmpty();
        assertThat(disk.list(spool.directory())).hasSize(5);
    }

    @Test
    void ownFilesAreNotLogged() throws IOException {
        PartName part = PartName.parse(PART).orElseThrow();
        for (PartState state : PartState.values()) {
            put(state.fileName(part));
        }
        for (String name :
                List.of(".checkpoint", ".checkpoint.tmp", "manifest-local-001-1.json", "manifest-a-rest-1.json.tmp")) {
            put(name);
        }
        startAgain();
        sweep();

        assertThat(log.list).isEmpty();
    }

    /** A second part of the same name, for whatever reason: neither is overwritten. */
    @Test
    void openPartNextToSealedPartOfSameNameGetsAnotherName() throws IOException {
        put(PART + ".jsonl");
        put(PART + ".jsonl.open");
        sweep();

        assertThat(found)
                .extracting(part -> part.name().toString())
                .containsExactly(PART, "part-local-001-1736950335001");
    }

    private void startAgain() throws IOException {
        spool.close();
        spool = Spool.open(disk, Path.of("/spool"), Trades.BTCUSDT);
    }

    private void sweep() throws IOException {
        new SpoolSweep(List.of(spool), found::add, (of, name) -> {}).run();
    }

    private void put(String name) {
        disk.put(spool.directory().resolve(name), name.getBytes(StandardCharsets.UTF_8));
    }
}
