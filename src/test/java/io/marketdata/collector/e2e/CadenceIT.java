package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Oracle.Part;
import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** When parts are cut and when they arrive, at the pace of the clock; so nothing else runs beside it. */
@Isolated
class CadenceIT {

    private static final long SLOT_MS = 5_000;

    /** 5 s until the part is sealed, 2 s until it is stored. */
    private static final long LATEST_MICROS = TimeUnit.SECONDS.toMicros(7);

    private static final long MAX_BYTES = 2 << 20;

    @TempDir
    private Path folder;

    @Test
    void eachSlotIsOnePartThatIsStoredWithinSevenSecondsOfItsFirstTrade() throws Exception {
        Optional<Path> real = Samples.realFrames();
        try (ExchangeSimulator exchange = real.isPresent()
                        ? Exchange.replaying(real.get(), 1, 1)
                        : Exchange.inventing(Trades.BTCUSDT, 35, false);
                StubS3 stub = new StubS3();
                CollectorProcess collector = start(exchange, stub)) {
            collector.awaitLine("Connected");
            exchange.awaitEndOfTrades(45, TimeUnit.SECONDS);
            Oracle oracle = stopAndJudge(exchange, stub, collector);

            long slots = oracle.lines().stream()
                    .map(line -> line.tradeTimeMs() / SLOT_MS)
                    .distinct()
                    .count();
            assertThat(slots).isGreaterThan(7);
            assertThat(oracle.parts()).hasSize((int) slots);
            oracle.crossesNoSlotOf(SLOT_MS);
            assertThat(delays(oracle, stub).values())
                    .allSatisfy(delay -> assertThat(delay).isLessThan(LATEST_MICROS));
        }
    }

    @Test
    void tradeInAQuietMarketIsStoredWithinSevenSecondsWithoutFurtherTraffic() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 1.0 / 30, true);
                StubS3 stub = new StubS3();
                CollectorProcess collector = start(exchange, stub)) {
            // trades at 0 and 30 s; seen in the store before anything else happens
            Await.until("the second trade is stored", () -> stub.objects().size() == 4);
            Oracle oracle = stopAndJudge(exchange, stub, collector);

            assertThat(oracle.parts())
                    .hasSize(2)
                    .allSatisfy(part -> assertThat(part.lines()).hasSize(1));
            assertThat(delays(oracle, stub).values())
                    .allSatisfy(delay -> assertThat(delay).isLessThan(LATEST_MICROS));
        }
    }

    @Test
    void atTwentyThousandTradesASecondPartsAreCutBySizeAndNothingIsMissing() throws Exception {
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 20_000, true);
                StubS3 stub = new StubS3();
                CollectorProcess collector = start(exchange, stub)) {
            collector.awaitLine("Connected");
            exchange.awaitEndOfTrades(10, TimeUnit.SECONDS);
            Oracle oracle = stopAndJudge(exchange, stub, collector);

            assertThat(oracle.lines()).hasSizeGreaterThan(150_000);
            oracle.crossesNoSlotOf(SLOT_MS);
            List<Part> full = oracle.parts().stream()
                    .filter(part -> part.manifest().quality().rotatedBy() == RotatedBy.SIZE)
                    .toList();
            assertThat(full).hasSizeGreaterThan(8).allSatisfy(part -> {
                long bytes = part.manifest().payload().summary().bytesUncompressed();
                int lastLine = part.lines().get(part.lines().size() - 1).event().length() + 50;
                assertThat(bytes).isBetween(MAX_BYTES, MAX_BYTES + lastLine);
            });
            assertThat(oracle.parts())
                    .allSatisfy(part ->
                            assertThat(part.manifest().quality().missingIds()).isEmpty());
        }
    }

    private CollectorProcess start(ExchangeSimulator exchange, StubS3 stub) throws IOException {
        return CollectorProcess.start(folder, Exchange.environment(exchange, folder, stub.uri()));
    }

    private static Oracle stopAndJudge(ExchangeSimulator exchange, StubS3 stub, CollectorProcess collector)
            throws Exception {
        IdRange issued = Exchange.endTrades(exchange);
        Await.until(
                "the last trade is stored",
                () -> new Oracle(finished(stub.objects()))
                        .lines().stream().anyMatch(line -> line.id() == issued.last()));
        collector.stop();
        return new Oracle(stub.objects()).holdsExactly(issued);
    }

    /** Without parts whose manifest is still on its way. */
    private static Map<String, byte[]> finished(Map<String, byte[]> objects) {
        return objects.entrySet().stream()
                .filter(object -> object.getKey().contains("/manifest-")
                        || objects.containsKey(
                                object.getKey().replace("/part-", "/manifest-").replace(".jsonl.gz", ".json")))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** How long after its first trade was received each part was committed, µs. */
    private static Map<String, Long> delays(Oracle oracle, StubS3 stub) {
        Map<String, Long> committed = stub.puts().stream()
                .collect(Collectors.toMap(StubS3.Request::key, StubS3.Request::receivedMicros, (a, b) -> a));
        return oracle.parts().stream()
                .collect(Collectors.toMap(
                        Part::key,
                        part -> committed.get(part.key()
                                        .replace("/part-", "/manifest-")
                                        .replace(".jsonl.gz", ".json"))
                                - part.lines().get(0).receivedMicros()));
    }
}
