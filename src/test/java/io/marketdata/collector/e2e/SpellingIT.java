package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An exchange that spells its trades in other ways; REST does not answer, so every trade comes from the stream. */
@Tag("process")
class SpellingIT {

    private static final int TRADES = 573;

    @TempDir
    private Path folder;

    @Test
    void tradesWithWhiteSpaceAroundThemAndTimesInMicrosecondsAreAllRecorded() throws Exception {
        try (HostileServer server = HostileServer.start(peer -> {
                    peer.open();
                    for (int id = 1; id <= TRADES; id++) {
                        peer.send(HostileServer.text(frame(id, Time.SYSTEM.epochMillis())));
                    }
                    peer.hang();
                });
                CollectorProcess collector = CollectorProcess.start(
                        folder,
                        Map.of(
                                "WS_URL",
                                server.uri().toString(),
                                "WS_CONNECTIONS",
                                "1",
                                "REST_URL",
                                "http://127.0.0.1:" + FreePort.find(),
                                "LOCAL_DIR",
                                folder.resolve("spool").toString(),
                                "ROT_SECS",
                                "1",
                                "RAW_BUCKET",
                                "file:./bucket"))) {
            Await.until("a part of every trade", () -> recorded() == TRADES);
            collector.stop();
        }

        BucketCheck check = new BucketCheck(folder.resolve("bucket")).run();
        assertThat(check.problems()).isEmpty();
        assertThat(check.ids(Trades.BTCUSDT, Origin.STREAM))
                .isEqualTo(LongStream.rangeClosed(1, TRADES).toArray());
    }

    private static String frame(int id, long now) {
        String event = Trades.json(Trades.BTCUSDT, id, now);
        String micros = event.replace(":" + now, ":" + now + "123").replace(":" + (now + 1), ":" + (now + 1) + "456");
        return id % 2 == 0 ? event + "\n" : micros.replace(",", ",\r\n") + " ";
    }

    private int recorded() throws IOException {
        Path bucket = folder.resolve("bucket");
        try {
            return Files.exists(bucket) ? new BucketCheck(bucket).run().ids(Trades.BTCUSDT).length : 0;
        } catch (UncheckedIOException e) {
            return 0; // a file was renamed while the directory was read
        }
    }
}
