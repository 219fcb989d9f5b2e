package io.marketdata.collector.process;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Watchdog.Hang;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Ends the process after a fault of any thread: an orderly stop with a named exit code within bounded time, or an immediate
 * end where no orderly stop is possible. The process never continues without one of its threads.
 */
public final class Faults implements Consumer<Throwable> {

    /** How many causes of a fault are searched for an OutOfMemoryError. */
    private static final int DEEPEST_CAUSE = 8;

    /** What ended a thread, and its exit code. */
    public record Fault(String thread, Throwable cause, ExitCode code) {}

    private final Halt halt;
    private final Duration patience;
    private final Function<Throwable, ExitCode> codes;
    private final CompletableFuture<Fault> first = new CompletableFuture<>();

    /**
     * @param patience for the orderly stop after a fault, including logging; then the process is halted
     * @param codes the exit code of a fault
     */
    public Faults(Time time, Duration patience, Function<Throwable, ExitCode> codes) {
        this.codes = codes;
        this.halt = new Halt(time);
        this.patience = patience;
    }

    /** Takes what ended the calling thread. The first fault decides the exit code. */
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

    /** Ends the process because threads hang. Does not return. */
    public void hang(List<Hang> hangs) {
        halt.hang(hangs);
    }

    /** Also takes the uncaught faults of threads of libraries: the WebSocket library's, the HTTP client's. */
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
