package io.marketdata.collector.spool;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.FileOps.AppendFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps frames that were not understood, so that nothing the exchange said is thrown away silently: one JSON object a
 * line, in {@code LOCAL_DIR/rejected/frames-<start>.jsonl}, the frame itself as Base64. Bounded: after 16 MiB a process
 * only counts. A fault here is logged and harms no trade.
 */
public final class RejectedFrames implements Closeable {

    private static final long MAX_BYTES = 16 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(RejectedFrames.class);

    private final FileOps disk;
    private final Path folder;
    private final Path file;
    private final SpoolMetrics metrics;

    @GuardedBy("this")
    private @Nullable AppendFile out;

    @GuardedBy("this")
    private long bytes;

    /** @param startMicros tells this process's file from those before, µs since 1970 UTC */
    public RejectedFrames(FileOps disk, Path localDir, long startMicros, SpoolMetrics metrics) {
        this.disk = disk;
        this.folder = localDir.resolve("rejected");
        this.file = folder.resolve("frames-" + startMicros + ".jsonl");
        this.metrics = metrics;
    }

    /** Counts the frame and keeps it. Any thread. */
    public synchronized void keep(byte[] frame, int offset, int length, String reason, long receivedMicros) {
        metrics.framesRejected.inc();
        if (bytes == 0) {
            LOG.warn(
                    "A frame was not understood ({}) and is kept in {}; the next ones are kept without a" + " word: {}",
                    reason,
                    file,
                    LogText.of(frame, offset, length));
        }
        if (bytes >= MAX_BYTES) {
            return;
        }
        byte[] line = line(frame, offset, length, reason, receivedMicros);
        bytes += line.length;
        try {
            if (out == null) {
                disk.createDirectories(folder);
                out = disk.create(file);
            }
            out.write(line, 0, line.length);
        } catch (IOException e) {
            LOG.warn("The frame could not be kept in {}: {}", file, e.getMessage());
        }
    }

    private static byte[] line(byte[] frame, int offset, int length, String reason, long receivedMicros) {
        byte[] exact = new byte[length];
        System.arraycopy(frame, offset, exact, 0, length);
        String json = "{\"recv_us\":" + receivedMicros + ",\"reason\":\"" + reason + "\",\"frame_base64\":\""
                + Base64.getEncoder().encodeToString(exact) + "\"}\n";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
