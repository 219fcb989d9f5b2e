package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.FaultScript;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The jar recording several symbols, and its start: symbols that do not exist, REST that does not answer, a location
 * that is refused, and gaps that earlier runs have left.
 */
@Execution(ExecutionMode.CONCURRENT)
@Order(4)
class SymbolsIT {

    private static final Symbol ETHUSDT = new Symbol("ETHUSDT");
    private static final String NOWHERE = "http://127.0.0.1:1";

    /** From the first line of the log to the first connection, ms. */
    private static final long LATEST_START_MS = 5_000;

    @TempDir
    private Path folder;

    private final Map<String, String> settings = new HashMap<>();

    private CollectorProcess start(ExchangeSimulator exchange) throws IOException {
        Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
        environment.putAll(settings);
        return CollectorProcess.start(folder, environment);
    }

    private void settingsFile(String yaml) throws IOException {
        Exchange.writeSettings(folder, yaml);
    }

    private Path bucket() {
        return folder.resolve("bucket");
    }

    private void await(ExchangeSimulator exchange, CollectorProcess collector, long stored) throws Exception {
        Exchange.endTrades(exchange);
        Await.until(
                "everything is in the bucket",
                () -> SpoolReader.ids(bucket()).size() >= stored || !collector.isAlive());
        collector.stop();
        assertThat(collector.text()).doesNotContain("ERROR", "\tat ");
    }

    /** The objects of one symbol. */
    private Oracle stored(Symbol symbol) throws IOException {
        return new Oracle(Oracle.read(bucket()).entrySet().stream()
                .filter(object -> object.getKey().contains("/symbol=" + symbol + "/"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
    }

    /** Each symbol's trades are all there, once, in its own folder and under its own name. */
    private void judge(ExchangeSimulator exchange) throws IOException {
        long lines = 0;
        for (Symbol symbol : exchange.symbols()) {
            IdRange issued = exchange.issued(symbol).orElseThrow();
            Oracle oracle = stored(symbol).holdsExactly(issued).crossesNoSlotOf(5_000);
            assertThat(oracle.lines()).allMatch(line -> line.event().contains("\"s\":\"" + symbol + "\""));
            assertThat(oracle.parts())
                    .allMatch(part -> part.manifest().source().symbol().equals(symbol));
            lines += oracle.lines().size();
            assertThat(spool(symbol)).containsExactlyInAnyOrder(".lock", ".checkpoint");
        }
        assertThat(Oracle.of(bucket()).lines()).hasSize(Math.toIntExact(lines));
        assertThat(list(folder.resolve("spool/exchange=binance/stream=trade")))
                .hasSize(exchange.symbols().size());
    }

    private List<String> spool(Symbol symbol) throws IOException {
        return list(folder.resolve("spool/exchange=binance/stream=trade/symbol=" + symbol)).stream()
                .filter(name -> !name.startsWith("index-"))
                .toList();
    }

    private static List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    @Test
    void twoSymbolsShareTheirConnectionsAndNothingElse() throws Exception {
        settings.put("SYMBOL", "BTCUSDT,ETHUSDT");
        FaultScript script = FaultScript.EMPTY.afterTrades(1_000, new Fault.Cut(Target.OLDEST, Fault.How.RST));
        try (ExchangeSimulator exchange = Exchange.inventing(
                        List.of(Trades.BTCUSDT, ETHUSDT),
                        200,
                        false,
                        ExchangeOptions.defaults().startingAfter(2).withScript(script));
                CollectorProcess collector = start(exchange)) {
            Await.until("the cut and a while after it", () -> exchange.issuedCount() > 3_000);
            assertThat(exchange.upgradeAttempts()).isEqualTo(3);
            await(exchange, collector, exchange.issuedCount());
            judge(exchange);
        }
    }

    @Test
    void cutConnectionOfTwoSymbolsIsBackfilledForEach() throws Exception {
        settings.put("SYMBOL", "BTCUSDT,ETHUSDT");
        settings.put("WS_CONNECTIONS", "1");
        FaultScript script = FaultScript.EMPTY
                .afterTrades(1_000, new Fault.Skip(Target.ALL, 50))
                .afterTrades(1_100, new Fault.Cut(Target.ALL, Fault.How.RST));
        try (ExchangeSimulator exchange = Exchange.inventing(
                        List.of(Trades.BTCUSDT, ETHUSDT),
                        200,
                        false,
                        ExchangeOptions.defaults().withScript(script));
                CollectorProcess collector = start(exchange)) {
            Await.until("the cut and a while after it", () -> exchange.issuedCount() > 3_000);
            await(exchange, collector, exchange.issuedCount());
            judge(exchange);
            for (Symbol symbol : exchange.symbols()) {
                assertThat(stored(symbol).backfilledTrades())
                        .as("%s over REST", symbol)
                        .isPositive();
            }
        }
    }

    @Test
    void twoHundredSymbolsAreRecordedInASmallHeap() throws Exception {
        List<Symbol> symbols = IntStream.range(0, 200)
                .mapToObj(i -> new Symbol("S" + (100 + i) + "USDT"))
                .toList();
        settings.put("SYMBOL", symbols.stream().map(Symbol::value).collect(Collectors.joining(",")));
        settings.put("WS_CONNECTIONS", "2");
        try (ExchangeSimulator exchange = Exchange.inventing(
                        symbols, 2, true, ExchangeOptions.defaults().startingAfter(2));
                CollectorProcess collector = start(exchange)) {
            assertThat(millis(collector)).isLessThan(LATEST_START_MS);
            Duration atStart = collector.processorTime().orElse(Duration.ZERO);
            Await.until("15 s of trades", () -> exchange.issuedCount() > 200 * 2 * 15);
            Duration recording = collector.processorTime().orElse(Duration.ZERO).minus(atStart);
            await(exchange, collector, exchange.issuedCount());
            judge(exchange);
            assertThat(recording).as("processor time for 15 s").isLessThan(Duration.ofSeconds(15));
        }
    }

    /** Time from the first line of the log to the first connection, ms. */
    private static long millis(CollectorProcess collector) throws InterruptedException {
        collector.awaitLine("Starting: ");
        long began = System.nanoTime();
        collector.awaitLine("Connected: ");
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    @Test
    void firstStartWithOnlyUnknownSymbolsIsRefusedAndNothingIsOpened() throws Exception {
        try (ExchangeSimulator exchange =
                Exchange.inventing(List.of(Trades.BTCUSDT), 10, false, ExchangeOptions.defaults())) {
            settings.put("SYMBOL", "NOSUCHUSDT,BTCUSTD");
            refused(exchange, "SYMBOL: the exchange does not know NOSUCHUSDT, BTCUSTD; allowed");
            assertThat(exchange.upgradeAttempts()).isZero();
        }
    }

    /** At a first start, and at one whose spool has recorded the symbol that the exchange has delisted since. */
    @Test
    void symbolThatTheExchangeDoesNotKnowStopsNoOther() throws Exception {
        settings.put("SYMBOL", "BTCUSDT,ETHUSDT");
        for (int start = 0; start < 2; start++) {
            try (ExchangeSimulator exchange = Exchange.inventing(
                            List.of(Trades.BTCUSDT),
                            100,
                            false,
                            ExchangeOptions.defaults().startingAfter(2));
                    CollectorProcess collector = start(exchange)) {
                collector.awaitLine("WARN.*Unknown to the exchange: ETHUSDT");
                collector.awaitLine("WARN.*Health: degraded, symbol_unknown");
                collector.awaitLine("Uploaded: .*BTCUSDT");
                assertThat(collector.isAlive()).isTrue();
                collector.stop();
            }
        }
    }

    @Test
    void exchangeThatNoLongerKnowsAnySymbolOfTheSpoolDoesNotRefuseTheStart() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                List.of(Trades.BTCUSDT), 100, false, ExchangeOptions.defaults().startingAfter(2))) {
            recordUntilUploaded(exchange);
        }
        try (ExchangeSimulator other = Exchange.inventing(List.of(ETHUSDT), 100, false, ExchangeOptions.defaults());
                CollectorProcess collector = start(other)) {
            collector.awaitLine("WARN.*Unknown to the exchange: BTCUSDT");
            collector.awaitLine("Connected: ");
            assertThat(collector.isAlive()).isTrue();
        }
    }

    private void refused(ExchangeSimulator exchange, String words) throws Exception {
        try (CollectorProcess collector = start(exchange)) {
            assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(78);
            assertThat(collector.text()).contains(words).doesNotContain("\tat ");
            assertThat(collector.text().lines().filter(line -> line.contains("ERROR")))
                    .hasSize(1);
        }
        assertThat(list(folder)).isEmpty();
    }

    @Test
    void unreachableRestIsAWarningAndRecordingStarts() throws Exception {
        settings.put("REST_URL", NOWHERE);
        try (ExchangeSimulator exchange = Exchange.inventing(
                        List.of(Trades.BTCUSDT),
                        100,
                        false,
                        ExchangeOptions.defaults().startingAfter(2));
                CollectorProcess collector = start(exchange)) {
            assertThat(millis(collector)).isLessThan(LATEST_START_MS);
            assertThat(collector.awaitLine("WARN.*Could not verify the symbols"))
                    .contains("REST_URL " + NOWHERE);
            Await.until("some trades", () -> exchange.issuedCount() > 300);
            await(exchange, collector, exchange.issuedCount());
            judge(exchange);
        }
    }

    @Test
    void hangingRestIsAWarningAndRecordingStarts() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                List.of(Trades.BTCUSDT), 100, false, ExchangeOptions.defaults().startingAfter(2))) {
            exchange.inflict(new Fault.RestHang(Duration.ofMinutes(2), Extent.always(), ""));
            try (CollectorProcess collector = start(exchange)) {
                assertThat(millis(collector)).isLessThan(LATEST_START_MS);
                collector.awaitLine("WARN.*Could not verify the symbols");
                Await.until("some trades", () -> exchange.issuedCount() > 300);
                await(exchange, collector, exchange.issuedCount());
                judge(exchange);
            }
        }
    }

    @Test
    void locationRefusedEverywhereEndsTheProcessWithOneClearSentence() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                List.of(Trades.BTCUSDT), 100, false, ExchangeOptions.defaults().withEndpoints(2))) {
            refuseLocation(exchange);
            settings.put(
                    "WS_URL",
                    exchange.webSocketUris().stream().map(URI::toString).collect(Collectors.joining(",")));
            try (CollectorProcess collector = start(exchange)) {
                assertThat(collector.awaitExit()).as(collector.text()).isEqualTo(76);
                List<String> errors = collector
                        .text()
                        .lines()
                        .filter(line -> line.contains("ERROR"))
                        .toList();
                assertThat(errors).hasSize(1);
                assertThat(errors.get(0)).contains("HTTP 451", "another region", "WS_FALLBACK_URL");
                exchange.webSocketUris()
                        .forEach(uri -> assertThat(errors.get(0)).contains(uri.getAuthority()));
                assertThat(collector.text()).doesNotContain("\tat ");
            }
        }
    }

    @Test
    void refusedLocationIsRecordedFromTheFallback() throws Exception {
        try (ExchangeSimulator refusing =
                        Exchange.inventing(List.of(Trades.BTCUSDT), 100, false, ExchangeOptions.defaults());
                ExchangeSimulator fallback = Exchange.inventing(
                        List.of(Trades.BTCUSDT),
                        100,
                        false,
                        ExchangeOptions.defaults().startingAfter(2))) {
            refuseLocation(refusing);
            settings.put("WS_FALLBACK_URL", fallback.webSocketUri().toString());
            try (CollectorProcess collector = start(refusing)) {
                collector.awaitLine("WARN.*refuses connections from this location.*recording from");
                Await.until("some trades", () -> fallback.issuedCount() > 300);
                await(fallback, collector, fallback.issuedCount());
                judge(fallback);
            }
        }
    }

    private static void refuseLocation(ExchangeSimulator exchange) {
        exchange.inflict(new Fault.RefuseUpgrades(451, Extent.always()));
        exchange.inflict(new Fault.RestStatus(451, Extent.always()));
    }

    @Test
    void tradesBeforeAndAfterASequenceResetAreStored() throws Exception {
        FaultScript script = FaultScript.EMPTY.afterTrades(1_000, new Fault.ResetIds(null));
        try (ExchangeSimulator exchange = Exchange.inventing(
                        List.of(Trades.BTCUSDT),
                        200,
                        false,
                        ExchangeOptions.defaults().startingAfter(2).withScript(script));
                CollectorProcess collector = start(exchange)) {
            collector.awaitLine("sequence reset: ");
            Await.until("a while after it", () -> exchange.issuedCount() > 2_500);
            await(exchange, collector, exchange.issuedCount());

            List<IdRange> issued = exchange.issuedRanges(Trades.BTCUSDT);
            assertThat(issued).hasSize(2);
            Oracle oracle = Oracle.of(bucket());
            assertThat(oracle.lines())
                    .extracting(Oracle.Line::id)
                    .doesNotHaveDuplicates()
                    .hasSize((int) (issued.get(0).count() + issued.get(1).count()))
                    .allMatch(id -> issued.stream().anyMatch(ids -> id >= ids.first() && id <= ids.last()));
            assertThat(oracle.parts())
                    .allMatch(part -> part.manifest().quality().missingCount() == 0);
        }
    }

    @Test
    void tradesMissedBetweenRunsAreBackfilledOnlyOnce() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(
                List.of(Trades.BTCUSDT), 100, false, ExchangeOptions.defaults().startingAfter(2))) {
            for (int i = 0; i < 2; i++) {
                recordUntilUploaded(exchange);
                long now = exchange.issuedCount();
                // 5 s of trades: parts of backfilled trades are packed before the part that shows the gap
                Await.until("500 trades pass", () -> exchange.issuedCount() >= now + 500);
            }
            try (CollectorProcess collector = start(exchange)) {
                collector.awaitLine("Backfilled: ");
                await(exchange, collector, exchange.issuedCount());
            }
            judge(exchange);
            assertThat(stored(Trades.BTCUSDT).backfilledTrades()).isBetween(1_000L, 3_000L);
        }
    }

    private void recordUntilUploaded(ExchangeSimulator exchange) throws Exception {
        try (CollectorProcess collector = start(exchange)) {
            collector.awaitLine("Connected");
            collector.awaitLine("Uploaded: .*part-local-001-\\d");
            collector.stop();
            assertThat(collector.text()).doesNotContain("ERROR");
        }
    }

    @Test
    void gapAboveTheLimitIsReportedOnceAndNeverBackfilled() throws Exception {
        settingsFile("backfill:\n  max_ids: 1000\n");
        try (ExchangeSimulator exchange = Exchange.inventing(
                List.of(Trades.BTCUSDT), 500, false, ExchangeOptions.defaults().startingAfter(2))) {
            recordUntilUploaded(exchange);
            long now = exchange.issuedCount();
            Await.until("1,500 trades pass", () -> exchange.issuedCount() >= now + 1_500);
            IdRange lost;
            try (CollectorProcess collector = start(exchange)) {
                String line = collector.awaitLine("ERROR.* trades are missing");
                lost = new IdRange(number(line, "ids (\\d+) to"), number(line, "to (\\d+)[:,]"));
                collector.awaitLine("Uploaded: ");
                exchange.inflict(new Fault.Halt(Fault.FOREVER));
                collector.stop();
                assertThat(collector.text().lines().filter(each -> each.contains("ERROR")))
                        .hasSize(1);
            }
            assertThat(lost.count()).isGreaterThan(1_000);
            assertThat(missing()).containsExactly(lost);

            try (CollectorProcess collector = start(exchange)) {
                collector.awaitLine("Connected");
                exchange.inflict(new Fault.Heal());
                collector.awaitLine("Uploaded: ");
                await(exchange, collector, exchange.issuedCount() - lost.count());
            }
            assertThat(missing()).containsExactly(lost);
            assertThat(exchange.restRequests()).doesNotContainKey("/api/v3/historicalTrades");
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            assertThat(stored(Trades.BTCUSDT).lines())
                    .extracting(Oracle.Line::id)
                    .doesNotHaveDuplicates()
                    .hasSize((int) (issued.count() - lost.count()))
                    .allMatch(id -> id < lost.first() || id > lost.last());
        }
    }

    private static long number(String line, String pattern) {
        java.util.regex.Matcher matcher =
                java.util.regex.Pattern.compile(pattern).matcher(line);
        assertThat(matcher.find()).as(line).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /** The ids that the manifests together list as missing. */
    private List<IdRange> missing() throws IOException {
        return stored(Trades.BTCUSDT).parts().stream()
                .flatMap(part -> part.manifest().quality().missingIds().stream())
                .toList();
    }
}
