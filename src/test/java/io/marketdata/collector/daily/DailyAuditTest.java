package io.marketdata.collector.daily;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.certificate.Certificate;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DailyAuditTest {

    private static final Period DAY = Period.yesterday(ManualTime.START_MS);
    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");
    private static final String FOLDER = "quality/exchange=binance/symbol=BTCUSDT/dt=2025-01-14/";

    @TempDir
    private Path folder;

    private final MemoryStore bucket = new MemoryStore();
    private final ManualTime time = new ManualTime();
    private final List<String> lines = new ArrayList<>();
    private Settings settings;

    @BeforeEach
    void settings() throws Exception {
        settings = new SettingsLoader(Map.of("RAW_BUCKET", "file:./bucket"), folder).load();
    }

    private void record(Symbol symbol, String instance, LongPredicate isMissed) {
        new RecordedDay(symbol, instance, 60)
                .record(RecordedDay.issued(5_000, DAY.fromMs(), DAY.toMs(), 60_000), isMissed)
                .writeTo(bucket);
    }

    private DailyAudit audit() {
        return new DailyAudit(bucket, settings, time, lines::add);
    }

    private static AuditRequest request(Symbol... symbols) {
        return new AuditRequest(DAY, List.of(symbols));
    }

    private JsonNode line(int number) throws Exception {
        return new ObjectMapper().readTree(lines.get(number));
    }

    @Test
    void completeDayHasPageDocumentAndCertificateInTheBucketAndItsNumbersOnALine() throws Exception {
        record(Trades.BTCUSDT, "a", id -> id == 5_007);
        record(Trades.BTCUSDT, "b", id -> id % 2 == 0);
        DailyAudit audit = audit();

        assertThat(audit.run(request(Trades.BTCUSDT))).isEqualTo(Map.of(Trades.BTCUSDT, Verdict.COMPLETE));

        assertThat(audit.failures()).isEmpty();
        assertThat(new String(bucket.get(FOLDER + "report.html"), StandardCharsets.UTF_8))
                .contains("COMPLETE – BTCUSDT 2025-01-14");
        JsonNode document = new ObjectMapper().readTree(bucket.get(FOLDER + "report.json"));
        assertThat(document.at("/periods/0/trades").asInt()).isEqualTo(1_440);
        Path file = Files.write(folder.resolve("certificate"), bucket.get(FOLDER + "certificate.json"));
        assertThat(Certificate.read(file).parts()).hasSize(1_439 + 720);
        assertThat(line(0).get("Complete").asInt()).isEqualTo(1);
        assertThat(line(0).get("Trades").asInt()).isEqualTo(1_440);
        assertThat(line(0).get("MissingTrades").asInt()).isZero();
        assertThat(line(0).get("Damages").asInt()).isZero();
        assertThat(line(0).get("HeldByTwoPercent").asDouble()).isEqualTo(100.0 * 719 / 1_440);
    }

    /** CloudWatch User Guide, "Specification: Embedded metric format". */
    @Test
    void eachNumberIsDescribedForCloudWatch() throws Exception {
        record(Trades.BTCUSDT, "a", id -> false);
        audit().run(request(Trades.BTCUSDT));

        JsonNode line = line(0);
        JsonNode metrics = line.at("/_aws/CloudWatchMetrics/0");
        assertThat(line.at("/_aws/Timestamp").asLong()).isEqualTo(ManualTime.START_MS);
        assertThat(metrics.get("Namespace").asText()).isEqualTo("MarketData/Collector");
        assertThat(metrics.get("Dimensions")).hasToString("[[\"Exchange\",\"Symbol\"]]");
        assertThat(metrics.get("Metrics").findValuesAsText("Name"))
                .containsExactly("Complete", "Trades", "MissingTrades", "Damages", "HeldByTwoPercent", "SecondsTaken")
                .allSatisfy(name -> assertThat(line.get(name).isNumber()).isTrue());
        assertThat(metrics.get("Metrics").findValuesAsText("Unit"))
                .isSubsetOf("Count", "Percent", "Seconds"); // of the units that MetricDatum lists
        assertThat(line.get("Exchange").asText()).isEqualTo("binance");
        assertThat(line.get("Symbol").asText()).isEqualTo("BTCUSDT");
        assertThat(lines.get(0)).doesNotContain("\n");
    }

    @Test
    void gapAndDamageAreCounted() throws Exception {
        record(Trades.BTCUSDT, "a", id -> id >= 5_100 && id < 5_110);
        String manifest = bucket.keys().stream()
                .filter(key -> key.contains("/12/00/manifest-"))
                .findFirst()
                .orElseThrow();
        bucket.delete(manifest);

        assertThat(audit().run(request(Trades.BTCUSDT))).isEqualTo(Map.of(Trades.BTCUSDT, Verdict.INCOMPLETE));

        assertThat(line(0).get("Complete").asInt()).isZero();
        assertThat(line(0).get("MissingTrades").asInt()).isEqualTo(11);
        assertThat(line(0).get("Damages").asInt()).isPositive();
        assertThat(bucket.keys()).contains(FOLDER + "certificate.json");
    }

    @Test
    void secondRunReplacesWhatTheFirstFoundAndNothingElse() throws Exception {
        record(Trades.BTCUSDT, "a", id -> id == 5_100);
        audit().run(request(Trades.BTCUSDT));
        record(Trades.BTCUSDT, "b", id -> false);
        Map<String, byte[]> raw = new TreeMap<>(bucket.objects());
        raw.keySet().removeIf(key -> key.startsWith("quality/"));
        time.advance(Duration.ofHours(1));

        assertThat(audit().run(request(Trades.BTCUSDT))).containsValue(Verdict.COMPLETE);

        assertThat(new String(bucket.get(FOLDER + "report.json"), StandardCharsets.UTF_8))
                .contains("\"verdict\":\"complete\"", "\"verified_at_ms\":" + (ManualTime.START_MS + 3_600_000));
        Path file = Files.write(folder.resolve("certificate"), bucket.get(FOLDER + "certificate.json"));
        assertThat(Certificate.read(file).statement().verdict()).isEqualTo("complete");
        Map<String, byte[]> after = new TreeMap<>(bucket.objects());
        assertThat(after.keySet().removeIf(key -> key.startsWith("quality/"))).isTrue();
        assertThat(after).containsExactlyEntriesOf(raw);
    }

    @Test
    void symbolThatCannotBeReadIsAFailureWithoutNumbersOfTradesAndStopsNoOther() throws Exception {
        record(Trades.BTCUSDT, "a", id -> false);
        record(ETHUSDT, "a", id -> false);
        bucket.failReadsWith(key -> key.contains("symbol=BTCUSDT")
                ? Optional.of(new StoreException(StoreException.Kind.REFUSED, "AccessDenied of " + key))
                : Optional.empty());
        DailyAudit audit = audit();

        assertThat(audit.run(request(Trades.BTCUSDT, ETHUSDT)))
                .isEqualTo(Map.of(Trades.BTCUSDT, Verdict.UNKNOWN, ETHUSDT, Verdict.COMPLETE));

        assertThat(audit.failures()).hasSize(1);
        assertThat(audit.failures().get(0)).startsWith("BTCUSDT 2025-01-14 could not be verified: AccessDenied of ");
        assertThat(line(0).get("Complete").asInt()).isZero();
        assertThat(line(0).has("MissingTrades")).isFalse();
        assertThat(line(1).get("Complete").asInt()).isEqualTo(1);
        assertThat(bucket.keys()).contains(FOLDER + "report.json").doesNotContain(FOLDER + "certificate.json");
    }

    @Test
    void reportThatCannotBePutIsAFailureAndItsNumbersArePublished() throws Exception {
        record(Trades.BTCUSDT, "a", id -> false);
        bucket.failAlways(StoreException.Kind.REFUSED);
        DailyAudit audit = audit();

        assertThat(audit.run(request(Trades.BTCUSDT))).containsValue(Verdict.COMPLETE);

        assertThat(audit.failures())
                .containsExactly(
                        "BTCUSDT 2025-01-14: its report could not be put: put " + FOLDER + "report.html failed");
        assertThat(line(0).get("Complete").asInt()).isEqualTo(1);
    }

    @Test
    void dayWithoutTradesIsNotComplete() throws Exception {
        DailyAudit audit = audit();

        assertThat(audit.run(request(Trades.BTCUSDT))).containsValue(Verdict.INCOMPLETE);

        assertThat(audit.failures()).isEmpty();
        assertThat(line(0).get("HeldByTwoPercent").asDouble()).isZero();
        assertThat(bucket.keys()).containsExactly(FOLDER + "report.html", FOLDER + "report.json");
    }
}
