package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Oracle;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
@Order(6)
class BackfillIT {

    @TempDir
    private Path folder;

    @Test
    void onlyTheRequestedIdsAreFetchedIntoTheBucket() throws Exception {
        try (ExchangeSimulator exchange = issuing(5_000)) {
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            long first = issued.first() + 100;
            long last = issued.last() - 100;
            try (CollectorProcess backfill = backfill(exchange, first, last)) {
                assertThat(backfill.awaitExit()).as(backfill.text()).isZero();
                assertThat(backfill.text())
                        .contains("backfilled " + (last - first + 1) + " of " + (last - first + 1) + " trades");
            }

            Oracle.of(folder.resolve("bucket"))
                    .holdsExactly(first, last)
                    .crossesNoSlotOf(5_000)
                    .linesFollowTheSchema();
        }
    }

    @Test
    void idsThatTheExchangeLacksAreNamedAndTheRestIsFetched() throws Exception {
        try (ExchangeSimulator exchange = issuing(3_000)) {
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            long kept = issued.first() + 1_500;
            exchange.inflict(new Fault.OldestKept(null, kept));
            Exchange.writeSettings(folder, "backfill:\n  give_up_after: 1m\n");
            try (CollectorProcess backfill = backfill(exchange, issued.first(), kept + 99)) {
                Await.until("it has ended", 150, () -> !backfill.isAlive());
                assertThat(backfill.awaitExit()).as(backfill.text()).isEqualTo(1);
                assertThat(backfill.text())
                        .contains("backfilled 100 of 1600 trades")
                        .contains("the exchange does not have them: ids " + issued.first() + " to " + (kept - 1));
            }

            Oracle.of(folder.resolve("bucket")).holdsExactly(kept, kept + 99);
        }
    }

    @Test
    void wrongArgumentsAreExplained() throws Exception {
        try (CollectorProcess none = CollectorProcess.start(folder, Map.of(), "backfill");
                CollectorProcess reversed = CollectorProcess.start(
                        folder, Map.of(), "backfill", "--symbol", "BTCUSDT", "--from-id", "9", "--to-id", "3")) {
            assertThat(none.awaitExit()).isEqualTo(64);
            assertThat(none.text()).contains("--symbol", "--from-id", "--to-id").doesNotContain("\tat ");
            assertThat(reversed.awaitExit()).isEqualTo(64);
            assertThat(reversed.text()).contains("not above --to-id");
        }
    }

    /** An exchange that has issued so many trades, and issues no more. */
    private static ExchangeSimulator issuing(int trades) throws Exception {
        ExchangeSimulator exchange = Exchange.inventing(
                Trades.BTCUSDT, 2_000, false, ExchangeOptions.defaults().startingAfter(0));
        Await.until("trades are issued", () -> exchange.issuedCount() >= trades);
        Exchange.endTrades(exchange);
        return exchange;
    }

    private CollectorProcess backfill(ExchangeSimulator exchange, long first, long last) throws Exception {
        return CollectorProcess.start(
                folder,
                Exchange.environment(exchange, folder, "file:./bucket"),
                "backfill",
                "--symbol",
                "BTCUSDT",
                "--from-id",
                Long.toString(first),
                "--to-id",
                Long.toString(last));
    }
}
