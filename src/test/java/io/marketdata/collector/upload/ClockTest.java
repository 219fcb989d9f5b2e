package io.marketdata.collector.upload;

import static io.marketdata.collector.testkit.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wall clock only stamps, it decides nothing: the bucket always holds the same objects under the same names. */
class ClockTest {

    private static final long SLOT = 1_736_950_335_000L;
    private static final Duration YEARS = Duration.ofDays(3_650);

    /** Trades of two seconds each; the first two share a millisecond and fill a part each. */
    private static final int RUNS = 4;

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "-PT1H", "P3650D", "-P3650D"})
    void clockJumpsChangeNoNameNoPartAndNoRotation(String jump) throws IOException {
        Map<String, String> honest = record(List.of(Duration.ZERO));
        Duration step = Duration.parse(jump);

        assertThat(record(List.of(step, step.negated()))).isEqualTo(honest);
        assertThat(honest).hasSizeGreaterThan(2 * RUNS);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1})
    void restartsWithAWrongClockGiveDistinctNames(long direction) throws IOException {
        Map<String, String> honest = record(List.of(Duration.ZERO));

        assertThat(record(List.of(YEARS.multipliedBy(direction).dividedBy(100))))
                .isEqualTo(honest);
    }

    /** Records in several runs, with a jump before every trade, and returns the bucket's content without the stamps. */
    private static Map<String, String> record(List<Duration> jumps) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        MemoryStore store = new MemoryStore();
        ManualTime time = new ManualTime();
        int trades = 0;
        for (int run = 0; run < RUNS; run++) {
            try (Spool spool = Spool.open(disk, Path.of("/spool"), Trades.BTCUSDT)) {
                Uploader uploader = new Uploader(
                        store,
                        6,
                        new Software("test", "17"),
                        new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                        time,
                        () -> 0.5,
                        new UploadMetrics(new Metrics()));
                uploader.recorded(spool);
                new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
                RotatingWriter writer = new RotatingWriter(
                        spool,
                        new InstanceId("local-001"),
                        Origin.STREAM,
                        new RotationPolicy(300, Duration.ofSeconds(1)),
                        time,
                        new SpoolMetrics(new Metrics()),
                        uploader::offer);
                for (int i = 0; i < 20; i++) {
                    time.jumpWallClock(jumps.get(trades % jumps.size()));
                    time.advance(Duration.ofMillis(100));
                    trades++;
                    // pairs share a millisecond, and two lines fill a part
                    writer.append(trade(trades, SLOT + trades / 4 * 400L));
                    writer.rotateDue();
                }
                while (uploader.packNext() || uploader.uploadNext()) {}
                // the next run finds the open part as a leftover, as after a kill
            }
        }
        Map<String, String> bucket = new LinkedHashMap<>();
        for (String key : store.keys()) {
            String content = new String(store.get(key), StandardCharsets.ISO_8859_1);
            bucket.put(key, content.replaceFirst("\"created_at_ms\":-?\\d+", ""));
        }
        return bucket;
    }
}
