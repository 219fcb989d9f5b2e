package io.marketdata.collector.status;

import io.marketdata.collector.model.LogText;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sends a message to systemd by the program {@code systemd-notify}, which finds the socket in its environment. One way for
 * every JDK: Java has no datagram sockets of the UNIX kind, and no foreign functions before 22.
 *
 * <p>The program waits until systemd has read the message (since systemd 246), so systemd still finds the unit of the
 * sender, which has no more to do than that.
 */
public final class NotifyCommand implements SystemdNotify.Messenger {

    /** Above the 5 s for which the program waits for systemd. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Of what the program says. */
    private static final int MAX_SAID = 400;

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
        try (InputStream said = child.getInputStream()) {
            child.getOutputStream().close();
            if (!child.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException(command.get(0) + " has not ended for " + patience.toSeconds() + " s");
            }
            if (child.exitValue() != 0) {
                // What is there already, and no more: a grandchild may hold the pipe open indefinitely.
                byte[] words = said.readNBytes(Math.min(said.available(), MAX_SAID));
                throw new IOException(command.get(0) + " has ended with " + child.exitValue() + ": "
                        + LogText.of(words, 0, words.length));
            }
        } finally {
            child.destroyForcibly();
        }
    }
}
