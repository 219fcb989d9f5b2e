package io.marketdata.collector.read;

import static io.marketdata.collector.testkit.Trades.BTCUSDT;
import static io.marketdata.collector.testkit.Trades.line;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.SpoolFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class NewTradesTest {

    private static final long T = 1_736_950_335_000L;

    private final Printed printed = new Printed();
    private final NewTrades trades = new NewTrades(BTCUSDT, 0, printed);

    @Test
    void compressedDataThatExpandsWithoutEndStopsAtABound() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bomb)) {
            out.write(line(1, T).getBytes(StandardCharsets.UTF_8));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 300; i++) {
                out.write(zeros);
            }
        }
        assertThat(bomb.size()).isLessThan(1 << 20);
        trades.readGzip("part", bomb.toByteArray());
        trades.handOver();
        assertThat(printed.ids).containsExactly(1L);
        assertThat(printed.notes)
                .containsExactly("part: part is not shown, or not to its end: has more than 256 MiB when decompressed");
    }

    @Test
    void lineThatIsTooLongIsSkipped() throws IOException {
        String tooLong = "{\"x\":\"" + "a".repeat(PartLines.MAX_LINE) + "\"}\n";
        trades.readGzip("part", SpoolFiles.gzip(line(1, T) + tooLong + line(2, T)));
        trades.handOver();
        assertThat(printed.ids).containsExactly(1L, 2L);
        assertThat(printed.notes).containsExactly("lines: part: 1 line skipped, not a trade of BTCUSDT");
    }

    @Test
    void manyTradesAreHandedOverInPortions() throws IOException {
        int count = 60_000; // of 160 bytes each
        trades.readGzip("part", SpoolFiles.gzip(SpoolFiles.lines(1, count, T)));
        assertThat(printed.ids).hasSizeBetween(count / 2, count - 1);
        trades.handOver();
        assertThat(printed.ids).hasSize(count);
    }

    @Test
    void whatWasSeenIsBoundedAndForgetsTheLowestIds() {
        SeenIds seen = new SeenIds();
        for (long id = 0; id <= 2L * SeenIds.MOST_RANGES; id += 2) {
            assertThat(seen.add(id)).isTrue();
        }
        assertThat(seen.add(0)).as("forgotten").isTrue();
        assertThat(seen.add(2L * SeenIds.MOST_RANGES)).isFalse();
        assertThat(seen.add(2L * SeenIds.MOST_RANGES - 1))
                .as("between two ranges")
                .isTrue();
        assertThat(seen.add(2L * SeenIds.MOST_RANGES - 1)).isFalse();
        assertThat(seen.add(Long.MAX_VALUE)).isTrue();
        assertThat(seen.add(Long.MAX_VALUE)).isFalse();
    }
}
