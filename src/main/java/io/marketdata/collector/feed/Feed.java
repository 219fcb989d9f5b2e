package io.marketdata.collector.feed;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Time;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a link to the exchange alive: whenever it ends, for whatever reason, the next one is opened, at once and then
 * with growing pauses, for ever. {@link #run()} takes one thread until {@link #stop}.
 */
public final class Feed {

    /** A link that brought trades for so long has worked; its end is not part of a row of failures. */
    private static final long WORKED_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    private final FeedOptions options;
    private final Time time;
    private final TradeSink sink;
    private final Consumer<Throwable> fatal;
    private final DoubleSupplier random;
    private final Metrics metrics;

    @GuardedBy("this")
    private @Nullable FeedLink link;

    @GuardedBy("this")
    private boolean stopping;

    @GuardedBy("this")
    private boolean ended;

    /**
     * @param sink takes the trades, on the thread that runs this
     * @param fatal told of a fault that must end the process
     * @param random jitter, in [0, 1)
     */
    public Feed(
            FeedOptions options,
            Time time,
            TradeSink sink,
            Consumer<Throwable> fatal,
            DoubleSupplier random,
            Metrics metrics) {
        this.options = options;
        this.time = time;
        this.sink = sink;
        this.fatal = fatal;
        this.random = random;
        this.metrics = metrics;
    }

    /** Connects and receives until {@link #stop}. */
    public void run() throws InterruptedException {
        try {
            int endsInARow = 0;
            for (FeedLink next = nextLink(); next != null; next = nextLink()) {
                LOG.info("Connecting: {}", options.streams());
                metrics.connections.inc();
                long begun = time.nanoTime();
                FeedLink.End end = next.run();
                if (isStopping()) {
                    return;
                }
                metrics.disconnections.inc();
                boolean worked = end.trades() > 0 && time.nanoTime() - begun >= WORKED_NANOS;
                endsInARow = worked ? 1 : endsInARow + 1;
                // The first attempt is made at once: each millisecond without a link can cost a trade.
                Duration pause = options.reconnect().delay(endsInARow - 1, random);
                LOG.warn("Reconnecting in {} ms: {}", pause.toMillis(), end.reason());
                waitUnlessStopped(pause);
            }
        } finally {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
        }
    }

    /**
     * Ends the feed: asks the exchange to close, and cuts the connection if it has not within {@code patience}. When
     * this returns nothing is handed to the sink any more.
     */
    public void stop(Duration patience) throws InterruptedException {
        FeedLink last;
        synchronized (this) {
            stopping = true;
            notifyAll();
            last = link;
        }
        if (last != null) {
            last.close();
        }
        if (!awaitEnd(patience) && last != null) {
            last.cut();
            awaitEnd(patience);
        }
    }

    private synchronized boolean awaitEnd(Duration patience) throws InterruptedException {
        long deadline = time.nanoTime() + patience.toNanos();
        while (!ended) {
            long left = deadline - time.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    private synchronized @Nullable FeedLink nextLink() {
        link = stopping ? null : new FeedLink(options, time, sink, fatal);
        return link;
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private synchronized void waitUnlessStopped(Duration pause) throws InterruptedException {
        long deadline = time.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0 && !stopping; left = deadline - time.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
