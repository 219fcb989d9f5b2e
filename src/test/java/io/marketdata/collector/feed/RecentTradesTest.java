package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.RecentTrades.Match;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.testkit.Trades;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RecentTradesTest {

    private final RecentTrades recent = new RecentTrades();

    @Test
    void noTradeOfTheLastHalfMinuteIsForgotten() {
        for (int id = 1; id <= 30_000; id++) {
            recent.add(trade(id), false, TimeUnit.MILLISECONDS.toNanos(id));
        }
        for (int id = 1; id <= 30_000; id++) {
            assertThat(recent.match(trade(id), false)).isEqualTo(Match.SAME);
        }
    }

    @Test
    void aSymbolThatSeldomTradesNeedsLittle() {
        for (int id = 1; id <= 1_000; id++) {
            recent.add(trade(id), false, TimeUnit.SECONDS.toNanos(id));
        }
        assertThat(recent.match(trade(1_000), false)).isEqualTo(Match.SAME);
        assertThat(recent.match(trade(1_000 - 64), false)).isEqualTo(Match.UNKNOWN);
    }

    @Test
    void backfilledTradesReplaceNoneOfAConnection() {
        for (int id = 100_000; id < 100_040; id++) {
            recent.add(trade(id), false, 0);
        }
        for (int id = 20_000; id < 100_000; id++) {
            recent.add(trade(id), true, 0);
        }
        for (int id = 100_000; id < 100_040; id++) {
            assertThat(recent.match(trade(id), false)).isEqualTo(Match.SAME);
        }
    }

    @Test
    void aTradeThatIsLostIsUnknown() {
        recent.add(trade(7), false, 0);
        recent.remove(7, 7);
        assertThat(recent.match(trade(7), false)).isEqualTo(Match.UNKNOWN);
    }

    @Test
    void backfilledAndDeliveredTradesAreComparedByTheirFields() {
        TradeEvent sent = Trades.trade(7, 1_000);
        TradeEvent other = Trades.trade(7, 1_001);
        for (boolean written : new boolean[] {false, true}) {
            for (boolean compared : new boolean[] {false, true}) {
                RecentTrades trades = new RecentTrades();
                trades.add(sent, written, 0);
                assertThat(trades.match(sent, compared)).isEqualTo(Match.SAME);
                assertThat(trades.match(other, compared)).isEqualTo(Match.OTHER);
                assertThat(trades.match(Trades.trade(7 + 64, 1_000), compared)).isEqualTo(Match.UNKNOWN);
            }
        }
        // The same fields with another member: REST's rows lack members, so only two connections differ by it.
        TradeEvent longer = Trades.event(
                Trades.BTCUSDT, 7, 1_000, Trades.json(Trades.BTCUSDT, 7, 1_000).replaceFirst("\\}$", ",\"x\":1}"));
        recent.add(sent, false, 0);
        assertThat(recent.match(longer, false)).isEqualTo(Match.OTHER);
        assertThat(recent.match(longer, true)).isEqualTo(Match.SAME);
        recent.add(sent, true, 0);
        assertThat(recent.match(longer, false)).isEqualTo(Match.SAME);
    }

    @Test
    void atThirtySecondsATradeIsStillKept() {
        recent.add(trade(1), false, TimeUnit.SECONDS.toNanos(100));
        recent.add(trade(65), false, TimeUnit.SECONDS.toNanos(130));
        assertThat(recent.match(trade(1), false)).isEqualTo(Match.SAME);
        recent.add(trade(129), false, TimeUnit.SECONDS.toNanos(131));
        assertThat(recent.match(trade(1), false)).isEqualTo(Match.UNKNOWN);
        assertThat(recent.match(trade(65), false)).isEqualTo(Match.SAME);
    }

    private static TradeEvent trade(long id) {
        return Trades.trade(id, id);
    }
}
