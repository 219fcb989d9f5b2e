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
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    void aRangeOfTimeIsFetchedAndASecondRunSkipsWhatTheBucketHolds() throws Exception {
        long before = System.currentTimeMillis() - 60_000;
        try (ExchangeSimulator exchange = issuing(5_000)) {
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            long trades = issued.count();
            try (CollectorProcess part = backfill(exchange, issued.first() + 1_000, issued.first() + 1_999)) {
                assertThat(part.awaitExit()).as(part.text()).isZero();
            }
            String[] hour = {
                "backfill",
                "--symbol=btcusdt",
                "--from=" + Instant.ofEpochMilli(before),
                "--to=" + (System.currentTimeMillis() + 3_600_000)
            };
            Map<String, String> environment = Exchange.environment(exchange, folder, "file:./bucket");
            try (CollectorProcess all = CollectorProcess.start(folder, environment, hour)) {
                assertThat(all.awaitExit()).as(all.text()).isZero();
                assertThat(all.text())
                        .contains("Skipping 1000 trades that the bucket or the spool already holds")
                        .contains("has not been issued and is left out")
                        .contains("backfilled " + (trades - 1_000) + " of " + trades + " trades into ")
                        .contains("; 1000 were there already");
            }
            try (CollectorProcess again = CollectorProcess.start(folder, environment, hour)) {
                assertThat(again.awaitExit()).as(again.text()).isZero();
                assertThat(again.text())
                        .contains("backfilled 0 of " + trades + " trades into ")
                        .contains("; " + trades + " were there already");
            }

            Oracle.of(folder.resolve("bucket")).holdsExactly(issued);
        }
    }

    @Test
    void idsThatAreNotIssuedYetAreRefusedOrLeftOutAtOnce() throws Exception {
        try (ExchangeSimulator exchange = issuing(1_000)) {
            long last = exchange.issued(Trades.BTCUSDT).orElseThrow().last();
            try (CollectorProcess ahead = backfill(exchange, last + 1, last + 10)) {
                assertThat(ahead.awaitExit()).as(ahead.text()).isEqualTo(2);
                assertThat(ahead.text())
                        .contains("the newest trade of BTCUSDT is " + last)
                        .contains("nothing from " + (last + 1) + " on has been issued yet");
            }
            try (CollectorProcess endless = backfill(exchange, last - 9, Long.MAX_VALUE - 1)) {
                assertThat(endless.awaitExit()).as(endless.text()).isZero();
                assertThat(endless.text()).contains(" of 10 trades into ");
            }

            Oracle.of(folder.resolve("bucket")).holdsExactly(last - 9, last);
        }
    }

    @Test
    void aStoppedRunSaysWhatIsLeftAndTheSameCommandContinues() throws Exception {
        Exchange.writeSettings(folder, "backfill:\n  weight_per_minute: 200\n");
        try (ExchangeSimulator exchange = issuing(9_000)) {
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();
            long fetched;
            try (CollectorProcess first = backfill(exchange, issued.first(), issued.last())) {
                first.awaitLine(" of " + issued.count() + " trades \\(");
                first.stop();
                assertThat(first.text())
                        .contains("Stopping: waiting for the uploads in progress", "Ctrl-C again ends at once")
                        .contains("not requested yet: ", "the same command continues there")
                        .containsPattern("about \\d+ (s|min) left");
                fetched = number("backfilled (\\d+) of", first.text());
            }
            assertThat(fetched).isBetween(1_000L, issued.count() - 1);
            Exchange.writeSettings(folder, "backfill:\n  weight_per_minute: 1200\n");
            try (CollectorProcess second = backfill(exchange, issued.first(), issued.last())) {
                assertThat(second.awaitExit()).as(second.text()).isZero();
                assertThat(second.text())
                        .contains("backfilled " + (issued.count() - fetched) + " of")
                        .contains("; " + fetched + " were there already");
            }

            Oracle.of(folder.resolve("bucket")).holdsExactly(issued);
        }
    }

    private static long number(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void wrongArgumentsAreExplained() throws Exception {
        try (CollectorProcess none = CollectorProcess.start(folder, Map.of(), "backfill");
                CollectorProcess reversed = CollectorProcess.start(
                        folder, Map.of(), "backfill", "--symbol", "BTCUSDT", "--from-id", "9", "--to-id", "3")) {
            assertThat(none.awaitExit()).isEqualTo(64);
            assertThat(none.text()).contains("--symbol SYMBOL is required").doesNotContain("\tat ");
            assertThat(reversed.awaitExit()).isEqualTo(64);
            assertThat(reversed.text()).contains("--from-id 9 must be before --to-id 3");
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
