package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.feed.Feed;
import io.marketdata.collector.feed.FeedOptions;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.SymbolWatch;
import io.marketdata.collector.rest.Transport;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.upload.IndexUpload;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.Uploader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Makes the parts that the collector, {@code backfill} and {@code spool upload} share from the settings. */
public record Wiring(Settings settings, Time time, CollectorMetrics metrics) {

    /** With metrics of its own. */
    public Wiring(Settings settings, Time time) {
        this(settings, time, new CollectorMetrics(new Metrics()));
    }

    /** Jitter, in [0, 1). */
    public static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    /** With an index of its own, whose files another run uploads. */
    Uploader uploader(ObjectStore store) {
        return uploader(store, index(store));
    }

    Uploader uploader(ObjectStore store, IndexUpload index) {
        Uploader uploader = new Uploader(
                store,
                settings.upload().gzipLevel(),
                BuildInfo.software(),
                settings.upload().retry(),
                time,
                Wiring::random,
                metrics.upload());
        uploader.onCommitted(index::add);
        return uploader;
    }

    IndexUpload index(ObjectStore store) {
        Settings.Index index = settings.index();
        int level = settings.upload().gzipLevel();
        return new IndexUpload(
                store, new IndexUpload.Options(index.enabled(), index.delay(), level), time, metrics.upload());
    }

    RotatingWriter writer(Spool spool, Origin origin, Consumer<SealedPart> sink) {
        RotationPolicy policy = new RotationPolicy(
                settings.spool().rotateBytes(), settings.spool().rotateAge());
        return new RotatingWriter(spool, settings.instance(), origin, policy, time, metrics.spool(), sink);
    }

    SpaceWatch spaceWatch(FileOps disk) {
        Settings.Spool spool = settings.spool();
        return new SpaceWatch(disk, spool.directory(), spool.maxBytes(), spool.minFreeBytes(), time, metrics.spool());
    }

    UnparsedFrames unparsedFrames(FileOps disk, Path localDir) throws FileOps.LockedException {
        UnparsedFrames.Budget budget = new UnparsedFrames.Budget(
                settings.unparsed().maxBytesPerHour(),
                settings.unparsed().maxBytes(),
                settings.spool().minFreeBytes());
        return UnparsedFrames.open(disk, localDir, settings.instance(), budget, time, metrics.spool());
    }

    UnparsedUpload unparsedUpload(UnparsedFrames frames, ObjectStore store) {
        return new UnparsedUpload(
                frames,
                store,
                settings.upload().gzipLevel(),
                settings.upload().retry(),
                time,
                Wiring::random,
                metrics.upload());
    }

    LineArbiter arbiter(Symbol symbol, TradeSink sink) {
        LineArbiter.Limits limits =
                new LineArbiter.Limits(settings.rest().maxIds(), settings.rest().giveUpAfter());
        return new LineArbiter(symbol, sink, limits, time, metrics.feed());
    }

    Feed feed(
            List<LineArbiter> arbiters,
            TradeSink sink,
            BiConsumer<ThreadProgress, Runnable> threads,
            Consumer<Throwable> fault) {
        return new Feed(feedOptions(), arbiters, sink, threads, time, Wiring::random, fault, metrics.feed());
    }

    /** One budget for each process: the exchange counts by address. */
    public RequestBudget requestBudget() {
        return new RequestBudget(settings.rest().weightPerMinute(), longestRefusal(), time, Wiring::random);
    }

    /** The longest time to stay away from a host that demands it: afterwards there is still time to backfill. */
    private Duration longestRefusal() {
        return settings.rest().giveUpAfter().dividedBy(2);
    }

    /** The exchange over REST; {@code timeout} is for one request. */
    public BinanceRest rest(Transport transport, RequestBudget budget, Duration timeout) {
        return new BinanceRest(
                settings.rest().url(), settings.rest().apiKey(), transport, timeout, time, budget, metrics.rest());
    }

    RestCycle restCycle(BinanceRest rest, Arbiters gaps, SymbolWatch symbols) {
        Settings.Rest backfill = settings.rest();
        return new RestCycle(rest, gaps, symbols, backfill.grace(), backfill.giveUpAfter(), time, metrics.rest());
    }

    /** How the feed connects. */
    public FeedOptions feedOptions() {
        Settings.Feed feed = settings.feed();
        return new FeedOptions(
                feed.urls(),
                feed.fallbackUrl(),
                feed.connections(),
                feed.connectTimeout(),
                feed.idleTimeout(),
                feed.maxFrameBytes(),
                feed.reconnect(),
                feed.attemptsPerFiveMinutes(),
                longestRefusal(),
                feed.maxAge(),
                feed.maxAgeJitter(),
                feed.staleAfter(),
                feed.maxLag(),
                settings.routes().proxies());
    }
}
