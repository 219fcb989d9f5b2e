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

    private static TradeEvent trade(long id) {
        return Trades.trade(id, id);
    }
}
