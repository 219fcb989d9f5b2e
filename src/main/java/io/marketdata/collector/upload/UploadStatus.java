package io.marketdata.collector.upload;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How uploads go.
 *
 * @param waiting parts that the bucket has not confirmed
 * @param notDeleted parts that it has confirmed and that the disk does not let go
 * @param sinceProgress since the bucket confirmed a part, or since parts began to wait
 * @param oldestWaits for how long this process has known the part that was recorded first
 * @param failure kind of the last failure, null after a success
 * @param message of that failure
 * @param failingFor since the first failure after the last success
 */
public record UploadStatus(
        int waiting,
        int notDeleted,
        Duration sinceProgress,
        Duration oldestWaits,
        StoreException.@Nullable Kind failure,
        String message,
        Duration failingFor) {}
