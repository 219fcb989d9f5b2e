package io.marketdata.query.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.query.duck.WorkDirectory;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An hour of three instances with different failures, and the hours next to it. */
class CompactionTest {

    private static final long HOUR_MS = 1_763_632_800_000L; // 2025-11-20T10:00Z
    private static final String HOUR = "symbol=BTCUSDT/dt=2025-11-20/hour=10";
    private static final String TRADES = "compact/exchange=binance/stream=trade/" + HOUR + "/trades.parquet";
    private static final String BARS = "compact/exchange=binance/stream=ohlcv_1s/" + HOUR + "/bars.parquet";
    private static final String COMMIT = "compact/_commits/exchange=binance/symbol=BTCUSDT/dt=2025-11-20/hour=10.json";

    @TempDir
    private Path folder;

    private RecordedBucket bucket;
    private List<Trade> issued;

    @BeforeEach
    void issue() {
        bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        // A minute of the hour before, a quarter of the hour, its last seconds, and a minute of the hour after.
        issued = new ArrayList<>(Trade.made(4_000_000_000L, HOUR_MS - 60_000, HOUR_MS + 900_000, 1));
        long nextId = 4_000_000_000L + issued.size();
        issued.addAll(Trade.made(nextId, HOUR_MS + 3_590_000, HOUR_MS + 3_660_000, 2));
    }

    private void record() throws IOException {
        bucket.record("i-1", issued, trade -> trade.id() % 1_000 == 7);
        bucket.record("i-2", issued, trade -> trade.timeMs() > HOUR_MS + 600_000 && trade.timeMs() < HOUR_MS + 690_000);
        bucket.record("i-3", issued, trade -> trade.id() % 50 == 0);
    }

    private List<Trade> ofHour() {
        return issued.stream()
                .filter(trade -> trade.timeMs() >= HOUR_MS && trade.timeMs() < HOUR_MS + 3_600_000)
                .toList();
    }

    private Cli compact(String... options) {
        List<String> all = new ArrayList<>(
                List.of("compact", "--bucket=file:" + bucket.root(), "--symbol=BTCUSDT", "--day=2025-11-20"));
        all.addAll(List.of(options));
        return Cli.run(all.toArray(new String[0]));
    }

    private List<String> rows(String sql) throws IOException {
        return Cli.rows(
                bucket.root(), folder.resolve("rows"), sql, "--from=2025-11-20T10:00Z", "--to=2025-11-20T11:00Z");
    }

    private Map<String, String> compacted() throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> files = Files.walk(bucket.root().resolve("compact"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                digests.put(
                        bucket.root().relativize(file).toString(),
                        Sha256.of(Files.readAllBytes(file)).hex());
            }
        }
        return digests;
    }

    @Test
    void eachTradeIsInTheHourOnce() throws IOException {
        record();

        assertThat(compact().code()).isZero();

        List<String> expected = new ArrayList<>();
        for (Trade trade : ofHour()) {
            expected.add("{\"trade_id\":" + trade.id() + ",\"ms\":" + trade.timeMs() + ",\"price\":" + trade.price()
                    + ",\"quantity\":" + trade.quantity() + ",\"buyer_is_maker\":" + trade.buyerIsMaker() + "}");
        }
        assertThat(rows("SELECT trade_id, epoch_ms(trade_time) AS ms, price, quantity, buyer_is_maker FROM trades"
                        + " ORDER BY trade_id"))
                .isEqualTo(expected);
        assertThat(rows("SELECT * FROM coverage").toString())
                .contains("\"made_from\":\"compacted\"", "\"missing\":0", "\"left_out\":0");
    }

    /** Computed once more, without DuckDB. */
    @Test
    void barsAreThoseOfExactArithmetic() throws IOException {
        Set<Long> lost = new HashSet<>();
        List<Trade> hour = ofHour();
        // A whole second, the first trade of another, the last one of another, and the first of the hour.
        long second = hour.get(500).timeMs() / 1_000;
        hour.stream().filter(trade -> trade.timeMs() / 1_000 == second).forEach(trade -> lost.add(trade.id()));
        lost.add(firstOf(hour, hour.get(900).timeMs() / 1_000).id());
        lost.add(hour.get(0).id());
        issued = issued.stream().filter(trade -> !lost.contains(trade.id())).toList();
        record();

        assertThat(compact().out()).contains(lost.size() + " missing");

        List<String> expected = bars(ofHour());
        List<String> actual = rows("SELECT epoch_ms(ts) AS ms, open, high, low, \"close\", volume, quote_volume,"
                + " taker_buy_volume, trade_count, id_first, id_last, complete FROM bars_1s ORDER BY ts");
        assertThat(actual).isEqualTo(expected);
        assertThat(expected.stream().filter(bar -> bar.contains("\"complete\":false")))
                .hasSizeBetween(4, 6);
        assertThat(rows("SELECT sum(missing)::INT AS n FROM gaps")).containsExactly("{\"n\":" + lost.size() + "}");
    }

    private static Trade firstOf(List<Trade> trades, long second) {
        return trades.stream()
                .filter(trade -> trade.timeMs() / 1_000 == second)
                .findFirst()
                .orElseThrow();
    }

    private List<String> bars(List<Trade> trades) {
        Set<Long> ids = new HashSet<>(issued.stream().map(Trade::id).toList());
        TreeMap<Long, List<Trade>> seconds = new TreeMap<>();
        trades.forEach(trade -> seconds.computeIfAbsent(trade.timeMs() / 1_000, second -> new ArrayList<>())
                .add(trade));
        List<String> bars = new ArrayList<>();
        seconds.forEach((second, each) -> bars.add(bar(second, each, ids)));
        return bars;
    }

    private static String bar(long second, List<Trade> trades, Set<Long> ids) {
        BigDecimal high = BigDecimal.ZERO;
        BigDecimal low = new BigDecimal("1e10");
        BigDecimal volume = BigDecimal.ZERO.setScale(8);
        BigDecimal quote = BigDecimal.ZERO.setScale(16);
        BigDecimal taker = BigDecimal.ZERO.setScale(8);
        boolean complete = true;
        for (Trade trade : trades) {
            BigDecimal price = new BigDecimal(trade.price());
            BigDecimal quantity = new BigDecimal(trade.quantity());
            high = high.max(price);
            low = low.min(price);
            volume = volume.add(quantity);
            quote = quote.add(price.multiply(quantity));
            taker = trade.buyerIsMaker() ? taker : taker.add(quantity);
            complete &= ids.contains(trade.id() - 1) && ids.contains(trade.id() + 1);
        }
        Trade first = trades.get(0);
        Trade last = trades.get(trades.size() - 1);
        return "{\"ms\":" + second * 1_000 + ",\"open\":" + first.price() + ",\"high\":" + high.toPlainString()
                + ",\"low\":"
                + low.toPlainString() + ",\"close\":" + last.price() + ",\"volume\":" + volume.toPlainString()
                + ",\"quote_volume\":" + quote.toPlainString() + ",\"taker_buy_volume\":" + taker.toPlainString()
                + ",\"trade_count\":" + trades.size() + ",\"id_first\":" + first.id() + ",\"id_last\":" + last.id()
                + ",\"complete\":" + complete + "}";
    }

    @Test
    void secondRunDoesNothingAndAnEmptyBucketGetsTheSameBytes() throws IOException {
        record();
        compact();
        Map<String, String> before = compacted();

        assertThat(compact().out()).contains("T10: unchanged").doesNotContain(": compacted");
        assertThat(compacted()).isEqualTo(before);
        assertThat(before).containsKeys(TRADES, BARS, COMMIT);

        for (String key : List.of(TRADES, BARS, COMMIT)) {
            Files.delete(bucket.root().resolve(key));
        }
        assertThat(compact().out()).contains("T10: compacted", "T09: unchanged");
        assertThat(compacted()).isEqualTo(before);
    }

    @Test
    void latePartMakesItsHourAgain() throws IOException {
        List<Trade> late = ofHour().subList(100, 130);
        List<Trade> all = issued;
        issued = issued.stream().filter(trade -> !late.contains(trade)).toList();
        record();
        assertThat(compact().out()).contains("30 missing");
        assertThat(compact("--check").code()).isZero();

        bucket.part("i-1", Origin.REST, late);
        Cli check = compact("--check");
        assertThat(check.code()).isEqualTo(1);
        assertThat(check.out()).contains("T10: must be compacted").contains("T09: unchanged");

        assertThat(compact().out())
                .contains("T10: compacted", "T09: unchanged", "T11: unchanged")
                .doesNotContain("30 missing");
        issued = all;
        assertThat(rows("SELECT count(*) AS n FROM trades")).containsExactly("{\"n\":" + ofHour().size() + "}");
        assertThat(compact("--check").code()).isZero();
    }

    @Test
    void damagedFileIsFoundAndReplaced() throws IOException {
        record();
        compact();
        Map<String, String> before = compacted();
        Files.write(bucket.root().resolve(BARS), new byte[] {1});
        WorkDirectory.delete(Cli.work().resolve("hours"));

        assertThat(compact("--check").out()).contains("bars.parquet is missing, or is not the file");
        assertThat(rows("SELECT made_from FROM coverage")).containsExactly("{\"made_from\":\"parts\"}");
        assertThat(compact().out()).contains("T10: compacted");
        assertThat(compacted()).isEqualTo(before);
    }

    @Test
    void compactedAndRawHoursAnswerAlike() throws IOException {
        record();
        List<String> queries = List.of(
                "SELECT * FROM trades ORDER BY trade_id",
                "SELECT * FROM bars_1s ORDER BY ts",
                "SELECT * FROM bars_1m ORDER BY ts",
                "SELECT * FROM manifests ORDER BY s3_key");
        List<List<String>> raw = new ArrayList<>();
        for (String query : queries) {
            raw.add(rows(query));
        }
        compact();
        for (int i = 0; i < queries.size(); i++) {
            assertThat(rows(queries.get(i))).isEqualTo(raw.get(i)).isNotEmpty();
        }
    }

    @Test
    void edgeBarsAreIncompleteWhereTheNextTradeIsNotKnown() throws IOException {
        issued = ofHour();
        bucket.record("i-1", issued, trade -> false);

        compact();

        assertThat(rows("SELECT count(*) AS n FROM bars_1s WHERE NOT complete")).containsExactly("{\"n\":2}");
        assertThat(rows("SELECT * FROM gaps")).isEmpty();
    }

    @Test
    void filledBarsHaveEverySecond() throws IOException {
        record();
        compact();

        assertThat(rows("SELECT count(*) = epoch(max(ts) - min(ts)) + 1 AS every, bool_and(complete) AS complete,"
                        + " count(*) FILTER (trade_count = 0) > 100 AS filled FROM bars_1s_filled"))
                .containsExactly("{\"every\":true,\"complete\":true,\"filled\":true}");
        assertThat(rows("SELECT (SELECT sum(volume) FROM bars_1s_filled) = (SELECT sum(quantity) FROM trades) AS same"))
                .containsExactly("{\"same\":true}");
    }

    @Test
    void filesHaveTheColumnsOfThePublishedSchemas() throws Exception {
        record();
        compact();

        for (Map.Entry<String, String> file : Map.of(TRADES, "trades.parquet.schema", BARS, "ohlcv1s.parquet.schema")
                .entrySet()) {
            List<String> published = ParquetColumns.published(file.getValue());
            List<String> written = ParquetColumns.of(bucket.root().resolve(file.getKey()));
            assertThat(written).hasSameSizeAs(published);
            for (int i = 0; i < written.size(); i++) {
                // DuckDB calls a column required in a file that has no null in it.
                assertThat(published.get(i)).isIn(written.get(i), written.get(i).replaceFirst("^required", "optional"));
            }
        }
    }

    /** The figures are those of a recording that is not part of this repository. */
    @Test
    void recordedFramesGiveTheirKnownFigures() throws IOException {
        Path frames = Path.of(System.getProperty("recorded.frames", "none"));
        Assumptions.assumeTrue(Files.exists(frames), "no recorded frames: -Drecorded.frames=FILE");
        issued = Trade.frames(frames);
        record();

        Cli.run("compact", "--bucket=file:" + bucket.root(), "--symbol=BTCUSDT", "--day=2024-08-08");

        Path file = folder.resolve("rows");
        assertThat(Cli.rows(bucket.root(), file, "SELECT count(*) AS n, sum(quantity) AS q FROM trades"))
                .containsExactly("{\"n\":19904,\"q\":437.91552000}");
        assertThat(Cli.rows(
                        bucket.root(),
                        file,
                        "SELECT trade_count, open, high, low, \"close\", volume FROM bars_1s"
                                + " WHERE ts = '2024-08-08 23:58:35+00'"))
                .containsExactly("{\"trade_count\":950,\"open\":61662.36000000,\"high\":61662.36000000,"
                        + "\"low\":61583.22000000,\"close\":61627.00000000,\"volume\":18.77791000}");
    }
}
