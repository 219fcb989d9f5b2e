package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.feed.FeedOptions;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.Transport;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.Uploader;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** What recording and backfill build alike from the settings. */
public record Wiring(Settings settings, Time time, Metrics metrics) {

    /** Jitter, in [0, 1). */
    public static double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    Uploader uploader(ObjectStore store) {
        return new Uploader(
                store,
                settings.upload().gzipLevel(),
                BuildInfo.software(),
                settings.upload().retry(),
                time,
                Wiring::random,
                metrics);
    }

    RotatingWriter writer(Spool spool, Origin origin, Consumer<SealedPart> sink) {
        RotationPolicy policy = new RotationPolicy(
                settings.spool().rotateBytes(), settings.spool().rotateAge());
        return new RotatingWriter(spool, settings.instance(), origin, policy, time, metrics, sink);
    }

    public RequestBudget requestBudget() {
        return new RequestBudget(settings.rest().weightPerMinute(), time, Wiring::random);
    }

    public BinanceRest rest(Transport transport, RequestBudget budget, Duration timeout) {
        return new BinanceRest(
                settings.rest().url(), settings.rest().apiKey(), transport, timeout, time, budget, metrics);
    }

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
                feed.maxAge(),
                feed.maxAgeJitter(),
                feed.staleAfter(),
                feed.maxLag());
    }
}
