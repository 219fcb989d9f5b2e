package io.marketdata.collector.command;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.read.Tail;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Checks the places of {@code tail} once, or again and again, each at its own interval. One thread. */
final class TailLoop {

    /** A check must not cost the collector beside it more than a fifth of one core, unless it is very long. */
    private static final int PAUSE_PER_CHECK = 4;

    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Terminal terminal;
    private final TailPrinter printer;
    private final Time time;
    private final List<Source> sources = new ArrayList<>();
    private final Set<Source> failing = new HashSet<>();

    private static final class Source {
        private final Tail tail;
        private final Duration interval;
        private long dueNanos;

        Source(Tail tail, Duration interval, long dueNanos) {
            this.tail = tail;
            this.interval = interval;
            this.dueNanos = dueNanos;
        }
    }

    TailLoop(Terminal terminal, TailPrinter printer, Time time) {
        this.terminal = terminal;
        this.printer = printer;
        this.time = time;
    }

    /** @param interval at least so long after a check the next one begins */
    void add(Tail tail, Duration interval) {
        sources.add(new Source(tail, interval, time.nanoTime()));
    }

    /** @param wanted what is looked for, for a message: {@code BTCUSDT since TIME} */
    ExitCode run(boolean follow, String wanted) throws IOException, InterruptedException {
        boolean first = true;
        do {
            checkDue();
            if (first && !printer.hasPrinted() && failing.isEmpty()) {
                terminal.err().println(nothing(follow, wanted));
            }
            first = false;
        } while (!printer.isClosed() && follow && pause());
        boolean isWhole = printer.hasPrinted() && !printer.isIncomplete() && failing.isEmpty();
        return isWhole || printer.isClosed() ? ExitCode.DONE : ExitCode.COULD_NOT_LOOK;
    }

    private void checkDue() throws IOException {
        for (Source source : sources) {
            long began = time.nanoTime();
            if (source.dueNanos - began > 0 || printer.isClosed()) {
                continue;
            }
            try {
                source.tail.check();
                if (failing.remove(source) && failing.isEmpty()) {
                    terminal.err().println("The bucket answers again.");
                }
            } catch (StoreException e) {
                if (failing.isEmpty()) {
                    terminal.err().println("The bucket cannot be read: " + e.getMessage());
                }
                failing.add(source);
            }
            long took = time.nanoTime() - began;
            long pause = Math.min(PAUSE_PER_CHECK * took, LONGEST_PAUSE_NANOS);
            source.dueNanos = began + took + Math.max(source.interval.toNanos(), pause);
        }
    }

    private String nothing(boolean follow, String wanted) {
        String where = sources.stream()
                .map(source -> source.tail.describe())
                .distinct()
                .collect(Collectors.joining("; "));
        return "No trade of " + wanted + " in " + where + ". "
                + (follow
                        ? "Waiting for the first one; Ctrl-C ends this."
                        : "If a collector records there, look further back with --since 1h, or wait with --follow;"
                                + " otherwise set --symbol, and --bucket or --spool, to what it has.");
    }

    /** Waits until the next check is due; returns true. */
    private boolean pause() throws InterruptedException {
        long now = time.nanoTime();
        long shortest = sources.stream()
                .mapToLong(source -> source.dueNanos - now)
                .min()
                .orElse(0);
        TimeUnit.NANOSECONDS.sleep(shortest);
        return true;
    }
}
