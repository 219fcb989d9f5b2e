package io.marketdata.collector.feed;

import io.marketdata.collector.feed.FeedConnection.Phase;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.DoubleSupplier;

/**
 * Checks whether a server accepts a connection, with the class and the URL that the collector uses, and closes the
 * connection as soon as the exchange has answered. Records no trade. Any thread.
 */
public final class ConnectionProbe {

    private static final long CHECK_EVERY_MS = 10;

    private final FeedOptions options;
    private final StreamSet streams;
    private final Duration timeout;
    private final ThreadFactory threads;
    private final Time time;
    private final DoubleSupplier random;

    /**
     * The result of a check.
     *
     * @param connected whether TCP, TLS and the upgrade succeeded
     * @param status HTTP status of a refused upgrade; 0 if it was not refused
     * @param retryAfterSeconds from the refusal; -1 if it has none
     * @param took time until the answer
     * @param reason why it failed, one line; empty if connected
     */
    public record Answer(boolean connected, int status, long retryAfterSeconds, Duration took, String reason) {}

    /**
     * @param symbols of the collector; the streams of its first connection are requested
     * @param timeout of TCP, TLS and upgrade together
     * @param threads makes the thread that connects
     * @param random chooses one of the server's addresses, in [0, 1)
     */
    public ConnectionProbe(
            FeedOptions options,
            List<Symbol> symbols,
            Duration timeout,
            ThreadFactory threads,
            Time time,
            DoubleSupplier random) {
        this.options = options;
        this.streams = StreamSet.of(symbols).get(0);
        this.timeout = timeout;
        this.threads = threads;
        this.time = time;
        this.random = random;
    }

    /** Connects to a server and waits for its answer, no longer than the time-out. */
    public Answer ask(URI server) throws InterruptedException {
        TradeSink sink = new DiscardingSink();
        ThreadProgress progress = new ThreadProgress("probe");
        FeedConnection connection = new FeedConnection(
                0,
                "probe",
                server,
                streams,
                options,
                List.of(),
                sink,
                List.of(),
                time,
                random,
                fault -> {},
                progress,
                new FeedLog(time));
        Thread thread = threads.newThread(connection::run);
        long began = time.nanoTime();
        thread.start();
        try {
            while (connection.phase() == Phase.CONNECTING) {
                if (time.nanoTime() - began >= timeout.toNanos()) {
                    connection.cut(EndCause.UNREACHABLE, "no answer within " + timeout.toMillis() + " ms");
                    break;
                }
                thread.join(CHECK_EVERY_MS);
            }
            Duration took = Duration.ofNanos(time.nanoTime() - began);
            if (connection.openedNanos() != 0) {
                connection.close();
                return new Answer(true, 0, -1, Duration.ofNanos(connection.openedNanos() - began), "");
            }
            ConnectionEnd.Outcome end = connection.end();
            return new Answer(false, end.status(), end.retryAfterSeconds(), took, end.reason());
        } finally {
            thread.join(CHECK_EVERY_MS * 10);
            connection.cut();
        }
    }

    /** Receives the frames that arrive between the answer and the end. */
    private static final class DiscardingSink implements TradeSink {

        @Override
        public void accept(TradeEvent trade) {}

        @Override
        public void acceptBackfilled(TradeEvent trade) {}

        @Override
        public void duplicate(Symbol symbol) {}

        @Override
        public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {}
    }
}
