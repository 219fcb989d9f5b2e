package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.e2e.Flood.Attack;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.simulator.Target;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that a collector of 96 MiB of heap is connected to attacks it at once, while it records two honest symbols:
 * the exchange's connections, REST, the store, the status port, and the reader of its log. In the end each issued trade is
 * stored with its payload, or a manifest names it as missing; memory and log stayed small all the time.
 *
 * <p>{@code -Dflood.minutes=60} is the long run (and 40 s more), {@code -Dflood.only=PINGS,STDOUT} selects attacks, and
 * {@code -Dflood.seed=N} repeats their frames.
 */
@Tag("process")
class FloodIT {

    private static final int PER_SECOND = 100;
    private static final int FRAMES_PER_SECOND = 2_000;
    private static final long MOST_RSS_KIB = 160_000_000 / 1_024;
    private static final long MOST_LOG_BYTES = 1_000_000;
    private static final int DRAIN_SECONDS = 180;
    private static final long FIRST_TIME_MS = 1_736_950_320_000L;
    private static final long FIRST_ID = 3_000_000_000L;
    private static final List<Symbol> SYMBOLS = List.of(new Symbol("BTCUSDT"), new Symbol("ETHUSDT"));

    private final int seconds = 60 * Integer.getInteger("flood.minutes", 0) + Integer.getInteger("flood.seconds", 40);
    private final long seed = Long.getLong("flood.seed", System.nanoTime());
    private final Set<Attack> attacks = attacks();

    private long mostRssKib;
    private long mostLogBytes;
    private long missing;

    @TempDir
    private Path folder;

    private static Set<Attack> attacks() {
        String only = System.getProperty("flood.only", "");
        return only.isEmpty()
                ? EnumSet.allOf(Attack.class)
                : Arrays.stream(only.split(",", -1)).map(Attack::valueOf).collect(Collectors.toSet());
    }

    @Test
    void honestTradesAreRecordedInLittleMemoryAndWithASmallLogWhileEverythingAttacks() throws Exception {
        try (ExchangeSimulator exchange = Exchange.replaying(
                        replayFile(), 1, ExchangeOptions.defaults().startingAfter(2));
                FloodProxy shared = proxy(exchange, FRAMES_PER_SECOND / 2, false);
                FloodProxy alone = proxy(exchange, FRAMES_PER_SECOND, true);
                StubS3 s3 = new StubS3();
                FloodServers servers = new FloodServers(exchange.restUri(), attacks)) {
            s3.script(servers::storeAnswer);
            try (FloodedProcess collector =
                    FloodedProcess.start(folder, environment(exchange, s3, servers, shared, alone))) {
                collector.awaitLine("Connected");
                servers.attackStatusPort(collector.statusPort());
                attack(exchange, collector, servers, s3);
                shared.calm();
                alone.calm();
                servers.calm();
                drain(exchange, collector, s3);
                report(collector, servers, shared, alone);
                assertThat(mostRssKib).as("RSS, KiB").isLessThan(MOST_RSS_KIB);
                assertThat(mostLogBytes).as("bytes of log in a minute").isLessThan(MOST_LOG_BYTES);
                assertThat(servers.livenessAnswers())
                        .as("answers of /health/live")
                        .isGreaterThan(0.9);
            }
            judge(exchange, s3);
        }
    }

    private FloodProxy proxy(ExchangeSimulator exchange, int framesPerSecond, boolean alone) throws IOException {
        return new FloodProxy(exchange.webSocketUri(), SYMBOLS, framesPerSecond, () -> new Flood(attacks, seed, alone));
    }

    private Map<String, String> environment(
            ExchangeSimulator exchange, StubS3 s3, FloodServers servers, FloodProxy shared, FloodProxy alone)
            throws IOException {
        Map<String, String> environment = Exchange.environment(exchange, folder, s3.uri());
        environment.put("WS_URL", exchange.webSocketUri() + "," + shared.uri() + "," + alone.uri());
        environment.put("WS_CONNECTIONS", "3");
        environment.put("REST_URL", servers.restUri().toString());
        environment.put("SYMBOL", "BTCUSDT,ETHUSDT");
        environment.put("HTTP_PORT", Integer.toString(FreePort.find()));
        return environment;
    }

    private Path replayFile() throws IOException {
        Path file = folder.resolve("two-symbols.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < PER_SECOND * (seconds + DRAIN_SECONDS); i++) {
                Symbol symbol = SYMBOLS.get(i % 2);
                String stream = symbol.value().toLowerCase(Locale.ROOT) + "@trade";
                String frame = "{\"stream\":\"" + stream + "\",\"data\":" + issued(symbol, FIRST_ID + i / 2) + "}\n";
                out.write(frame.getBytes(StandardCharsets.UTF_8));
            }
        }
        return file;
    }

    private static String issued(Symbol symbol, long id) {
        return Trades.json(symbol, id, FIRST_TIME_MS + (id - FIRST_ID) * 2_000 / PER_SECOND);
    }

    private void attack(ExchangeSimulator exchange, FloodedProcess collector, FloodServers servers, StubS3 s3)
            throws Exception {
        long logged = collector.loggedBytes();
        for (int second = 1; second <= seconds && collector.isAlive(); second++) {
            collector.awaitEnd(1_000);
            mostRssKib = Math.max(mostRssKib, collector.rssKib());
            // Not at the end: ids that no later trade reveals are known to REST alone, which is attacked as well.
            if (second % 5 == 0 && second < seconds) {
                exchange.inflict(new Fault.Skip(Target.ALL, 3));
            }
            if (attacks.contains(Attack.STDOUT)) {
                collector.readOutput(second % 300 < 10 || second % 300 > 100 || second > seconds - 10);
            }
            if (second % 60 == 0 || second == seconds) {
                long now = collector.loggedBytes();
                mostLogBytes = Math.max(mostLogBytes, now - logged);
                progress(exchange, collector, servers, s3, second, now - logged);
                logged = now;
            }
        }
        collector.readOutput(true);
        assertThat(collector.isAlive()).as("alive: " + collector.end()).isTrue();
    }

    private static void progress(
            ExchangeSimulator exchange,
            FloodedProcess collector,
            FloodServers servers,
            StubS3 s3,
            int second,
            long logBytes)
            throws IOException {
        int left = notStored(exchange, s3).size();
        System.out.printf(
                Locale.ROOT,
                "FloodIT: %d s: %d trades stored, %d not yet; RSS %d KiB; %d bytes of log since the last line;"
                        + " /health/live %.2f%n",
                second,
                exchange.issuedCount() - left,
                left,
                collector.rssKib(),
                logBytes,
                servers.livenessAnswers());
    }

    private void drain(ExchangeSimulator exchange, FloodedProcess collector, StubS3 s3) throws Exception {
        Exchange.endTrades(exchange);
        int left = 1;
        for (int i = 0; i < DRAIN_SECONDS && left > 0 && collector.isAlive(); i++) {
            collector.awaitEnd(1_000);
            mostRssKib = Math.max(mostRssKib, collector.rssKib());
            left = notStored(exchange, s3).size();
        }
        missing = left;
        assertThat(collector.terminate()).as(collector.end()).isEqualTo(143);
    }

    private void report(FloodedProcess collector, FloodServers servers, FloodProxy shared, FloodProxy alone) {
        System.out.printf(
                Locale.ROOT,
                "FloodIT: seed %d, %d s; RSS at most %d KiB (the kernel says %d), log at most %d bytes in a minute;"
                        + " %d trades missing and to be named by manifests; connections to the flooded servers %d and %d;"
                        + " %s%n",
                seed,
                seconds,
                mostRssKib,
                collector.peakRssKib(),
                mostLogBytes,
                missing,
                shared.connections(),
                alone.connections(),
                servers);
    }

    private static Oracle oracle(StubS3 s3) throws IOException {
        Map<String, byte[]> objects = s3.objects();
        objects.keySet().removeIf(key -> key.startsWith("unparsed/"));
        // Parts whose manifests follow.
        objects.keySet()
                .removeIf(key -> key.contains("/part-")
                        && !objects.containsKey(
                                key.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json")));
        return new Oracle(objects);
    }

    private static Set<String> notStored(ExchangeSimulator exchange, StubS3 s3) throws IOException {
        Set<String> left = new HashSet<>();
        Map<Symbol, Long> first = new HashMap<>();
        Set<String> stored = new HashSet<>();
        for (Oracle.Part part : oracle(s3).parts()) {
            Symbol symbol = part.manifest().source().symbol();
            for (Oracle.Line line : part.lines()) {
                if (!line.event().contains(Flood.FORGED)) {
                    stored.add(symbol + " " + line.id());
                    first.merge(symbol, line.id(), Math::min);
                }
            }
        }
        for (Symbol symbol : SYMBOLS) {
            IdRange issued = exchange.issued(symbol).orElseThrow();
            for (long id = first.getOrDefault(symbol, issued.first()); id <= issued.last(); id++) {
                if (!stored.contains(symbol + " " + id)) {
                    left.add(symbol + " " + id);
                }
            }
        }
        return left;
    }

    private void judge(ExchangeSimulator exchange, StubS3 s3) throws IOException {
        Map<Symbol, List<IdRange>> named = new HashMap<>();
        for (Oracle.Part part : oracle(s3).parts()) {
            Symbol symbol = part.manifest().source().symbol();
            named.computeIfAbsent(symbol, key -> new ArrayList<>())
                    .addAll(part.manifest().quality().missingIds());
            for (Oracle.Line line : part.lines()) {
                if (!line.event().contains(Flood.FORGED)) {
                    assertThat(line.event()).as(part.key()).isEqualTo(part.expected(issued(symbol, line.id())));
                }
            }
        }
        for (String trade : notStored(exchange, s3)) {
            Symbol symbol = new Symbol(trade.substring(0, trade.indexOf(' ')));
            long id = Long.parseLong(trade.substring(trade.indexOf(' ') + 1));
            assertThat(named.getOrDefault(symbol, List.of()))
                    .as("seed %d: %s is neither stored nor named as missing", seed, trade)
                    .anyMatch(range -> range.first() <= id && id <= range.last());
        }
    }
}
