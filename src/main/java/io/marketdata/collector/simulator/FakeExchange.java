package io.marketdata.collector.simulator;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A fake exchange on the loopback address: WebSocket streams and REST from one tape, as faithful to Binance's documents
 * and observed behaviour as the recorder's tests need. It knows which ids it issued, and so is the judge of what was
 * recorded. Nothing is replayed: a connection begins at the next trade.
 */
public final class FakeExchange implements AutoCloseable {

    /** Trades due within so short a time go out together. */
    private static final long TOGETHER_NANOS = 50_000;

    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Tape tape;
    private final Time time;
    private final ThreadFactory threads;
    private final Map<Symbol, TradeHistory> histories = new LinkedHashMap<>();
    private final StreamServer streams;
    private final RestServer rest;
    private final CountDownLatch begun;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile boolean tapeStopped;

    private FakeExchange(Tape tape, ExchangeOptions options, ThreadFactory threads, Time time, Consumer<String> journal)
            throws IOException {
        this.tape = tape;
        this.time = time;
        this.threads = threads;
        this.begun = new CountDownLatch(options.startAfter());
        tape.symbols().forEach(symbol -> histories.put(symbol, new TradeHistory()));
        this.streams = new StreamServer(options, threads, time, journal, this::opened);
        this.rest = new RestServer(options.restPort(), histories, threads, time);
    }

    /**
     * Replays a recording ({@code .jsonl.gz}, one frame a line).
     *
     * @param speed how many times faster than it was recorded
     * @param threads makes the exchange's threads
     * @param journal told, in a few words, of closes and refusals
     * @throws IOException if the recording cannot be read or a port is taken
     */
    public static FakeExchange replaying(
            Path recording,
            double speed,
            ExchangeOptions options,
            ThreadFactory threads,
            Time time,
            Consumer<String> journal)
            throws IOException {
        return new FakeExchange(RecordedTape.read(recording, speed), options, threads, time, journal).start();
    }

    /**
     * Makes trades up, without end.
     *
     * @param rate trades a second of each symbol, on average
     * @param flat at even distances, instead of sweeps and pauses
     * @param seed the same seed gives the same trades
     */
    public static FakeExchange inventing(
            List<Symbol> symbols,
            double rate,
            boolean flat,
            long seed,
            ExchangeOptions options,
            ThreadFactory threads,
            Time time,
            Consumer<String> journal)
            throws IOException {
        return new FakeExchange(new SyntheticTape(symbols, rate, flat, seed), options, threads, time, journal).start();
    }

    private FakeExchange start() {
        streams.start();
        rest.start();
        threads.newThread(this::play).start();
        return this;
    }

    /** For {@code WS_URL}. */
    public URI webSocketUri() {
        return URI.create("ws://127.0.0.1:" + streams.port());
    }

    /** For {@code REST_URL}. */
    public URI restUri() {
        return URI.create("http://127.0.0.1:" + rest.port());
    }

    /** The ids issued so far, all of them between the two; empty before the first. */
    public Optional<IdRange> issued(Symbol symbol) {
        TradeHistory history = histories.get(symbol);
        return history == null ? Optional.empty() : history.issued();
    }

    /** Trades issued so far, of all symbols. */
    public long issuedCount() {
        return histories.values().stream()
                .mapToLong(history -> history.issued().map(IdRange::count).orElse(0L))
                .sum();
    }

    public List<Symbol> symbols() {
        return List.copyOf(histories.keySet());
    }

    public int connectionCount() {
        return streams.connections().size();
    }

    /** Issues no more trades; connections stay, and everything issued is still delivered. */
    public void stopTape() {
        tapeStopped = true;
    }

    /** Waits until the tape has ended or was stopped. */
    public boolean awaitEndOfTape(long timeout, TimeUnit unit) throws InterruptedException {
        return ended.await(timeout, unit);
    }

    private void opened(StreamConnection connection) {
        if (!connection.subscriptions().isEmpty()) {
            begun.countDown();
        }
    }

    /** The player: one thread, so that every connection sees every trade in the same order. */
    private void play() {
        try {
            while (!begun.await(LONGEST_SLEEP_NANOS, TimeUnit.NANOSECONDS) && !tapeStopped) {
                tickAll();
            }
            tape.begin(time.epochMillis());
            playTape(time.nanoTime());
            ended.countDown();
            while (!closing) {
                tickAll();
                LockSupport.parkNanos(LONGEST_SLEEP_NANOS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private void playTape(long startNanos) {
        @Nullable Tick next = tape.next();
        List<Tick> together = new ArrayList<>();
        while (next != null && !tapeStopped) {
            long now = time.nanoTime() - startNanos;
            while (next != null && next.dueNanos() <= now + TOGETHER_NANOS) {
                together.add(next);
                next = tape.next();
            }
            if (!together.isEmpty()) {
                issue(together);
                together.clear();
            }
            tickAll();
            if (next != null) {
                long wait = next.dueNanos() - (time.nanoTime() - startNanos);
                LockSupport.parkNanos(Math.min(LONGEST_SLEEP_NANOS, wait));
            }
        }
    }

    private void issue(List<Tick> ticks) {
        for (Tick tick : ticks) {
            TradeHistory history = histories.get(tick.symbol());
            if (history != null) {
                history.add(tick);
            }
        }
        for (StreamConnection connection : streams.connections()) {
            connection.deliver(ticks);
        }
    }

    private void tickAll() {
        streams.connections().forEach(StreamConnection::tick);
    }

    @Override
    public void close() throws IOException {
        closing = true;
        tapeStopped = true;
        streams.close();
        rest.close();
    }
}
