package io.marketdata.collector.status;

import io.marketdata.collector.feed.Feed;
import io.marketdata.collector.feed.LinkState;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.ClockCheck;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.upload.Shipper;
import io.marketdata.collector.upload.Uploads;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gathers once a second what the status page shows, on a thread that may wait for the recorder's locks, so that no request
 * has to.
 */
public final class StatusBoard {

    private final Board.About about;
    private final Supplier<List<LinkState>> links;
    private final int lanes;
    private final Map<Symbol, RotatingWriter> writers;
    private final Shipper shipper;
    private final ClockCheck clock;
    private final EventRing events;
    private final Metrics metrics;
    private final Time time;
    private final long beganNanos;
    private final Map<Symbol, RateHistory> rates = new HashMap<>();
    private final RecentQuantiles received;
    private final RecentQuantiles stored;
    private volatile @Nullable Board last;

    /** @param events what was logged lately */
    public StatusBoard(
            Board.About about,
            Feed feed,
            Map<Symbol, RotatingWriter> writers,
            Shipper shipper,
            ClockCheck clock,
            EventRing events,
            Metrics metrics,
            Time time) {
        this.about = about;
        this.links = feed::states;
        this.lanes = feed.expectedLinks();
        this.writers = Map.copyOf(writers);
        this.shipper = shipper;
        this.clock = clock;
        this.events = events;
        this.metrics = metrics;
        this.time = time;
        this.beganNanos = time.nanoTime();
        this.received = new RecentQuantiles(metrics.receiveDelay);
        this.stored = new RecentQuantiles(metrics.storeDelay);
    }

    /** As it was when it was gathered last; null before that. Any thread, waits for nobody. */
    @Nullable
    public Board last() {
        return last;
    }

    /** To be called once a second, after health was looked at. */
    public void gather(Report health) {
        long now = time.nanoTime();
        received.look();
        stored.look();
        List<LinkState> open = links.get();
        tellAges(open, now);
        ClockCheck.Offset offset = clock.offset();
        last = new Board(
                about,
                Duration.ofNanos(now - beganNanos).toSeconds(),
                health,
                health.symbols().stream().map(symbol -> row(symbol, now)).toList(),
                open.stream().map(link -> row(link, now)).toList(),
                store(),
                new Board.Latency(received.quantile(0.5), received.quantile(0.99)),
                new Board.Latency(stored.quantile(0.5), stored.quantile(0.99)),
                offset == null ? null : offset.ms(),
                events.events(),
                time.epochMillis());
    }

    /** Of the oldest link of each lane; none is ever absent, so a scrape at any moment sees all. */
    private void tellAges(List<LinkState> open, long now) {
        for (int lane = 1; lane <= lanes; lane++) {
            int number = lane;
            long oldest = open.stream()
                    .filter(link -> link.lane() == number && link.isOpen())
                    .mapToLong(link -> now - link.openedNanos())
                    .max()
                    .orElse(0);
            metrics.linkAge.labelValues(Integer.toString(lane)).set(oldest / 1e9);
        }
    }

    private Board.SymbolRow row(SymbolState state, long now) {
        Symbol symbol = state.symbol();
        long accepted = metrics.tradesAccepted.labelValues(symbol.value()).getLongValue();
        RateHistory rate = rates.computeIfAbsent(symbol, any -> new RateHistory());
        rate.add(accepted, now);
        RotatingWriter writer = writers.get(symbol);
        RotatingWriter.Filling filling =
                writer == null ? new RotatingWriter.Filling(0, Duration.ZERO) : writer.filling();
        return new Board.SymbolRow(
                symbol,
                Arrays.stream(rate.perSecond()).boxed().toList(),
                accepted,
                state.lastTradeId(),
                (now - state.tradedNanos()) / 1_000_000,
                state.lastStoredId(),
                (long) metrics.idsOpen.labelValues(symbol.value()).get(),
                metrics.idsLost.labelValues(symbol.value()).getLongValue(),
                filling.bytes(),
                filling.age().toMillis());
    }

    private static Board.LinkRow row(LinkState link, long now) {
        return new Board.LinkRow(
                link.name(),
                link.server().toString(),
                link.isOpen() ? (now - link.openedNanos()) / 1_000_000 : -1,
                link.trades());
    }

    private Board.Store store() {
        Uploads uploads = shipper.uploads();
        return new Board.Store(
                uploads.waiting(),
                uploads.oldestWaits().toSeconds(),
                uploads.message(),
                Metrics.sum(metrics.partsShipped),
                metrics.bytesShipped.getLongValue(),
                (long) metrics.spoolBytes.get(),
                (long) metrics.spoolFiles.get(),
                metrics.spoolFillRatio.get(),
                (long) metrics.diskFreeBytes.get());
    }
}
