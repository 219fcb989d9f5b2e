package io.marketdata.collector.status;

import io.marketdata.collector.feed.ConnectionState;
import io.marketdata.collector.feed.Feed;
import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.health.Health.Report;
import io.marketdata.collector.health.Health.SymbolState;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.ClockCheck;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.UploadStatus;
import io.marketdata.collector.upload.Uploader;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the data of the status page once a second, on a thread that may wait for the collector's locks, so that no HTTP
 * request has to.
 */
public final class StatusBoard {

    private final Board.About about;
    private final Feed feed;
    private final Map<Symbol, RotatingWriter> writers;
    private final Uploader uploader;
    private final ClockCheck clock;
    private final EventRing events;
    private final FeedMetrics feedMetrics;
    private final SpoolMetrics spoolMetrics;
    private final UploadMetrics uploadMetrics;
    private final Time time;
    private final long beganNanos;
    private final Map<Symbol, RateHistory> rates = new HashMap<>();
    private final RecentQuantiles received;
    private final RecentQuantiles stored;
    private volatile @Nullable Board last;

    /** @param events the last log lines */
    public StatusBoard(
            Board.About about,
            Feed feed,
            Map<Symbol, RotatingWriter> writers,
            Uploader uploader,
            ClockCheck clock,
            EventRing events,
            FeedMetrics feedMetrics,
            SpoolMetrics spoolMetrics,
            UploadMetrics uploadMetrics,
            Time time) {
        this.about = about;
        this.feed = feed;
        this.writers = Map.copyOf(writers);
        this.uploader = uploader;
        this.clock = clock;
        this.events = events;
        this.feedMetrics = feedMetrics;
        this.spoolMetrics = spoolMetrics;
        this.uploadMetrics = uploadMetrics;
        this.time = time;
        this.beganNanos = time.nanoTime();
        this.received = new RecentQuantiles(feedMetrics.receiveDelay);
        this.stored = new RecentQuantiles(uploadMetrics.storeDelay);
    }

    /** The board gathered last; null before the first. Any thread; takes no lock. */
    @Nullable
    public Board last() {
        return last;
    }

    /** Called once a second, after the health checks. */
    public void gather(Report health) {
        long now = time.nanoTime();
        received.sample();
        stored.sample();
        List<ConnectionState> open = feed.states();
        publishAges(open, now);
        ClockCheck.Offset offset = clock.offset();
        last = new Board(
                about,
                Duration.ofNanos(now - beganNanos).toSeconds(),
                health,
                health.symbols().stream().map(symbol -> row(symbol, now)).toList(),
                open.stream().map(connection -> row(connection, now)).toList(),
                store(),
                new Board.Latency(received.quantile(0.5), received.quantile(0.99)),
                new Board.Latency(stored.quantile(0.5), stored.quantile(0.99)),
                offset == null ? null : offset.ms(),
                events.events(),
                time.epochMillis());
    }

    /** Sets the age of each feed line's oldest connection; 0 without one, so that every scrape sees all lines. */
    private void publishAges(List<ConnectionState> open, long now) {
        for (int line = 1; line <= feed.expectedConnections(); line++) {
            int number = line;
            long oldest = open.stream()
                    .filter(connection -> connection.line() == number && connection.isOpen())
                    .mapToLong(connection -> now - connection.openedNanos())
                    .max()
                    .orElse(0);
            feedMetrics.connectionAge.labelValues(Integer.toString(line)).set(oldest / 1e9);
        }
    }

    private Board.SymbolRow row(SymbolState state, long now) {
        Symbol symbol = state.symbol();
        long accepted = spoolMetrics.tradesAccepted.labelValues(symbol.value()).getLongValue();
        RateHistory rate = rates.computeIfAbsent(symbol, any -> new RateHistory());
        rate.add(accepted, state.unknown().isEmpty(), now);
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
                state.missing(),
                state.unknown(),
                feedMetrics.idsUnrecoverable.labelValues(symbol.value()).getLongValue(),
                filling.bytes(),
                filling.age().toMillis());
    }

    private static Board.ConnectionRow row(ConnectionState connection, long now) {
        return new Board.ConnectionRow(
                connection.name(),
                connection.server().toString(),
                connection.isOpen() ? (now - connection.openedNanos()) / 1_000_000 : -1,
                connection.trades());
    }

    private Board.Store store() {
        UploadStatus uploads = uploader.uploads();
        return new Board.Store(
                uploads.backlog(),
                uploads.oldestAge().toSeconds(),
                uploads.message(),
                Metrics.sum(uploadMetrics.partsUploaded),
                uploadMetrics.bytesUploaded.getLongValue(),
                (long) spoolMetrics.spoolBytes.get(),
                (long) spoolMetrics.spoolFiles.get(),
                spoolMetrics.spoolFillRatio.get(),
                (long) spoolMetrics.diskFreeBytes.get());
    }
}
