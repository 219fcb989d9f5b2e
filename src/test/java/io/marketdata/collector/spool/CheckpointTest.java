package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class CheckpointTest {

    private static final String KEY =
            "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/part.jsonl.gz";

    private static Checkpoint last(List<Gap> missing, List<IdRange> ahead) {
        return new Checkpoint(
                1_736_950_335_000L,
                KEY,
                Sha256.of(new byte[] {1}),
                6_595_931_385L,
                6_595_931_999L,
                1_736_950_336_000L,
                missing,
                ahead);
    }

    private static Gap gap(long first, long last) {
        return new Gap(new IdRange(first, last), 1_736_950_336_567L, false);
    }

    @Test
    void parsesWhatWasWritten() {
        for (List<Gap> missing :
                List.of(List.<Gap>of(), List.of(gap(0, 0)), List.of(gap(3, 9), gap(11, 6_595_931_000L)))) {
            for (List<IdRange> ahead :
                    List.of(List.<IdRange>of(), List.of(new IdRange(6_595_932_000L, 6_595_932_001L)))) {
                Checkpoint last = last(missing, ahead);
                assertThat(Checkpoint.parse(last.toBytes())).contains(last);
            }
        }
    }

    @Test
    void parsesTheFirstVersionWithoutTheTimeOfTheHighestId() {
        String text = withoutSum(last(List.of(), List.of()).toBytes()).replaceFirst(" highest_time_ms=[0-9]*", "");
        assertThat(Checkpoint.parse(withSum(text)))
                .as("later than any trade of that part")
                .hasValueSatisfying(checkpoint ->
                        assertThat(checkpoint.highestTimeMs()).isEqualTo(1_736_950_335_000L + 86_400_000L));
    }

    @Test
    void unrecoverableGapsAreKept() {
        Gap old = new Gap(new IdRange(3, 9), 1_736_950_336_567L, true);
        Checkpoint last = last(List.of(old, gap(11, 12)), List.of());
        assertThat(Checkpoint.parse(last.toBytes())).contains(last);
    }

    /** A part of it must never be taken for all of it: a lost gap is a trade silently missing. */
    @Test
    void damagedCheckpointIsIgnored() {
        byte[] whole = last(List.of(gap(3, 9), gap(11, 12)), List.of(new IdRange(7_000_000_000L, 7_000_000_001L)))
                .toBytes();
        for (int length = 0; length < whole.length; length++) {
            assertThat(Checkpoint.parse(java.util.Arrays.copyOf(whole, length)))
                    .as("the first %d bytes", length)
                    .isEmpty();
        }
        String text = withoutSum(whole);
        assertThat(Checkpoint.parse(text.getBytes(StandardCharsets.UTF_8)))
                .as("without its sum it is no checkpoint")
                .isEmpty();
        assertThat(Checkpoint.parse(withSum(text))).isPresent();
        Stream.of(
                        text.replace("11-12@", "12-11@"),
                        text.replace("11-12@", "11-1\0@"),
                        text.replace(",11-12@", ",,11-12@"),
                        text.replace("missing=", "missing=x"),
                        text.replace("ahead=7", "ahead=8"),
                        text.replace("sha256=", "sha256=0"),
                        text.replace("highest_id=", "highest_id=10000000000"),
                        text + "\n",
                        "\0".repeat(whole.length))
                .forEach(damaged -> {
                    assertThat(Checkpoint.parse(damaged.getBytes(StandardCharsets.UTF_8)))
                            .as(damaged)
                            .isEmpty();
                    if (!damaged.contains("ahead=8") && !damaged.endsWith("\n\n")) {
                        assertThat(Checkpoint.parse(withSum(damaged)))
                                .as("with a sum: %s", damaged)
                                .isEmpty();
                    }
                });
    }

    private static String withoutSum(byte[] whole) {
        String text = new String(whole, StandardCharsets.UTF_8);
        assertThat(text).containsPattern(" crc32c=[0-9a-f]{8}\n$");
        return text.replaceFirst(" crc32c=.*", "");
    }

    private static byte[] withSum(String text) {
        String line = text.stripTrailing();
        CRC32C sum = new CRC32C();
        sum.update(line.getBytes(StandardCharsets.UTF_8));
        return (line + " crc32c=" + HexFormat.of().toHexDigits((int) sum.getValue()) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void hostileLengthsDoNotSlowParsing() {
        String start = new String(last(List.of(), List.of()).toBytes(), StandardCharsets.UTF_8).stripTrailing();
        Stream.of(
                        start + " missing=" + "1".repeat(5_000_000) + "\n",
                        start + " missing=" + "1-1@1,".repeat(1_000_000) + "\n",
                        start + " missing=" + ",".repeat(5_000_000) + "\n",
                        start + " missing=1-1@1 ahead=" + "1-".repeat(2_000_000) + "\n",
                        start + " missing=" + "missing=".repeat(600_000) + "\n",
                        "1 epoch_ms=" + "1".repeat(5_000_000),
                        start + "x".repeat(5_000_000) + "\n")
                .forEach(hostile -> Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(10),
                        () -> assertThat(Checkpoint.parse(hostile.getBytes(StandardCharsets.UTF_8)))
                                .isEmpty()));
    }

    @Test
    void gapsBeyondTheLimitAreMergedAndNoneIsLost() {
        MissingIds missing = new MissingIds(Checkpoint.MAX_GAPS);
        for (long id = 0; id < 3_000; id++) {
            missing.add(new IdRange(10 * id, 10 * id + 3), id);
        }
        Checkpoint last =
                Checkpoint.parse(last(missing.gaps(), List.of()).toBytes()).orElseThrow();

        assertThat(last.missing()).hasSize(Checkpoint.MAX_GAPS);
        for (long id = 0; id < 3_000; id++) {
            IdRange ids = new IdRange(10 * id, 10 * id + 3);
            assertThat(last.missing())
                    .anyMatch(
                            gap -> gap.ids().first() <= ids.first() && gap.ids().last() >= ids.last());
        }
    }

    @Test
    void lowestRangesAheadAreKeptBeyondTheLimit() {
        List<IdRange> ahead = Stream.iterate(7_000_000_000L, id -> id + 10)
                .limit(3_000)
                .map(id -> new IdRange(id, id))
                .toList();

        assertThat(last(List.of(), ahead).ahead()).isEqualTo(ahead.subList(0, Checkpoint.MAX_AHEAD));
    }
}
