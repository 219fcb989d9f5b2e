package io.marketdata.collector.process;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Watchdog.Hang;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Where everything ends that the process cannot live with, from whatever thread: an orderly stop with a named exit code
 * within bounded time, and an end at once where no stop can be orderly. Never does the process live on with a thread less.
 */
public final class Faults implements Consumer<Throwable> {

    /** How deep in its causes a fault is looked for. */
    private static final int DEEPEST_CAUSE = 8;

    /** What ended a thread, and the exit code that it means. */
    public record Fault(String thread, Throwable cause, ExitCode code) {}

    private final Halt halt;
    private final Duration patience;
    private final Function<Throwable, ExitCode> codes;
    private final CompletableFuture<Fault> first = new CompletableFuture<>();

    /**
     * @param patience for the orderly stop after a fault, the log included; then the process ends as it is
     * @param codes the exit code that a fault means
     */
    public Faults(Time time, Duration patience, Function<Throwable, ExitCode> codes) {
        this.codes = codes;
        this.halt = new Halt(time);
        this.patience = patience;
    }

    /** Takes what ended the thread that calls; the first one decides how the process ends. */
    @Override
    public void accept(Throwable cause) {
        if (isOutOfMemory(cause)) {
            halt.outOfMemory();
        }
        Fault fault = new Fault(Thread.currentThread().getName(), cause, codes.apply(cause));
        if (first.complete(fault)) {
            halt.within(patience, fault.code());
        }
    }

    /** Threads hang. Does not return. */
    public void hang(List<Hang> hangs) {
        halt.hang(hangs);
    }

    /** Takes what escapes threads that are not ours too: the WebSocket library's, the HTTP client's. */
    public void catchAll() {
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> accept(cause));
    }

    /** Completes with the first fault. */
    public CompletableFuture<Fault> first() {
        return first;
    }

    /** Libraries wrap what their tasks throw. */
    private static boolean isOutOfMemory(Throwable fault) {
        Throwable cause = fault;
        for (int depth = 0; depth < DEEPEST_CAUSE && cause != null; depth++) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
