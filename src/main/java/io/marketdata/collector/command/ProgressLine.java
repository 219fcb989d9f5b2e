package io.marketdata.collector.command;

import io.marketdata.collector.audit.Progress;
import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows how far a long task is: on a terminal a bar that moves, with the rate and the time left; else a line every ten
 * seconds. On standard error, so that the results stay by themselves.
 */
public final class ProgressLine implements Progress, AutoCloseable {

    private static final int BAR = 30;
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PrintWriter out;
    private final String subject;
    private final boolean isTerminal;
    private final boolean isSilent;
    private final Time time;
    private String what = "";
    private long startedNanos;
    private long printedNanos;
    private int width;

    /** @param subject what is worked on */
    public ProgressLine(PrintWriter out, String subject, boolean isTerminal, boolean isSilent, Time time) {
        this.out = out;
        this.subject = subject;
        this.isTerminal = isTerminal;
        this.isSilent = isSilent;
        this.time = time;
    }

    /** On the standard error of this process; silent if a document is wanted. */
    public static ProgressLine on(Terminal terminal, JsonOption json, String subject) {
        return new ProgressLine(terminal.err(), subject, isTerminal(), json.wanted(), Time.SYSTEM);
    }

    /** Whether standard error is a terminal, as far as Linux shows it: Java before 22 does not know. */
    public static boolean isTerminal() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/2")).startsWith("/dev/pts");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public void at(String newWhat, long done, long total) {
        long now = time.nanoTime();
        if (!newWhat.equals(what)) {
            what = newWhat;
            startedNanos = now;
            printedNanos = now;
        }
        if (isSilent || total == 0) {
            return;
        }
        if (isTerminal) {
            String line = "\r" + bar(done, total) + " " + text(done, total, now);
            out.print(line + " ".repeat(Math.max(0, width - line.length())));
            out.flush();
            width = line.length();
        } else if (now - printedNanos >= LINE_NANOS) {
            printedNanos = now;
            out.println(text(done, total, now));
            out.flush();
        }
    }

    private static String bar(long done, long total) {
        int full = (int) (BAR * done / total);
        return "[" + "#".repeat(full) + " ".repeat(BAR - full) + "]";
    }

    private String text(long done, long total, long now) {
        double seconds = Math.max(0.001, (now - startedNanos) / 1e9);
        double rate = done / seconds;
        String left =
                done == 0 || done == total ? "" : String.format(Locale.ROOT, ", %.0f s left", (total - done) / rate);
        return String.format(
                Locale.ROOT, "%s: %,d of %,d %s, %,.0f a second%s", subject, done, total, what, rate, left);
    }

    /** Clears the bar. */
    @Override
    public void close() {
        if (width > 0) {
            out.print("\r" + " ".repeat(width) + "\r");
            out.flush();
        }
    }
}
