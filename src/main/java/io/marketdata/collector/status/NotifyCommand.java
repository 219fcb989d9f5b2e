package io.marketdata.collector.status;

import io.marketdata.collector.model.LogText;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends messages to systemd with the program {@code systemd-notify}, which finds the socket in its environment. This works on
 * every JDK: Java has no UNIX datagram sockets, and no foreign functions before 22.
 *
 * <p>The program waits until systemd has read the message (since systemd 246), so that systemd can still find the unit of
 * the sending process.
 */
public final class NotifyCommand implements SystemdNotify.Messenger {

    /** More than the 5 s for which the program waits for systemd. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Bytes kept of the program's output. */
    private static final int MAX_OUTPUT = 400;

    private final List<String> command;
    private final Duration patience;

    public NotifyCommand() {
        this(List.of("systemd-notify"), PATIENCE);
    }

    NotifyCommand(List<String> command, Duration patience) {
        this.command = List.copyOf(command);
        this.patience = patience;
    }

    @Override
    public void send(List<String> assignments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(command);
        line.addAll(assignments);
        Process child = new ProcessBuilder(line).redirectErrorStream(true).start();
        try (InputStream output = child.getInputStream()) {
            child.getOutputStream().close();
            if (!child.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException(command.get(0) + " did not end within " + patience.toSeconds() + " s");
            }
            if (child.exitValue() != 0) {
                // Only the output that is there already: a grandchild may hold the pipe open indefinitely.
                byte[] text = output.readNBytes(Math.min(output.available(), MAX_OUTPUT));
                throw new IOException(command.get(0) + " ended with exit code " + child.exitValue() + ": "
                        + LogText.of(text, 0, text.length));
            }
        } finally {
            child.destroyForcibly();
        }
    }
}
