package io.marketdata.collector.feed;

import io.marketdata.collector.feed.LineArbiter.Progress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import java.time.Duration;

/** What the connections have delivered of one symbol: how late, how lately, and whether the market trades on. One thread at a time. */
final class Deliveries {

    /** Bit mask: the delay of one id in 16 is measured. */
    private static final long SAMPLED = 15;

    private final Time time;
    private final FeedMetrics metrics;
    private final Pace pace = new Pace();
    private long lastNanos;
    private long lastId = -1;
    private long lastDelayMs;

    /** Greatest id reported by REST since a connection has delivered a trade; -1 if none. */
    private long reportedId = -1;

    private boolean marketTrading;

    Deliveries(Time time, FeedMetrics metrics) {
        this.time = time;
        this.metrics = metrics;
        this.lastNanos = time.nanoTime();
    }

    void delivered(TradeEvent trade, long now) {
        if ((trade.id() & SAMPLED) == 0) {
            metrics.receiveDelay.observe((trade.receivedMicros() - trade.tradeTimeMs() * 1_000) / 1e6);
            metrics.acceptTime.observe((time.epochMicros() - trade.receivedMicros()) / 1e6);
        }
        lastDelayMs = trade.receivedMicros() / 1_000 - trade.tradeTimeMs();
        lastNanos = now;
        lastId = trade.id();
        reportedId = -1;
        marketTrading = false;
        pace.traded(now);
    }

    /** REST reports its newest trade. The first report may be of a trade from before the connections were open. */
    void reported(long id) {
        marketTrading |= reportedId >= 0 && id > reportedId;
        reportedId = Math.max(reportedId, id);
    }

    Progress progress() {
        return new Progress(lastId, lastNanos, lastDelayMs, marketTrading);
    }

    Duration unusualSilence(Duration least, Duration most) {
        return Duration.ofNanos(time.nanoTime() - lastNanos).minus(pace.unusualSilence(least, most));
    }
}
