package io.marketdata.collector.upload;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Current state of uploads.
 *
 * @param backlog number of parts that the bucket has not confirmed
 * @param notDeleted number of parts that the bucket has confirmed but that cannot be deleted from the disk
 * @param sinceProgress time since the bucket confirmed a part, or since the backlog was last empty
 * @param oldestAge how long this process has known the part that was recorded first
 * @param failure kind of the last failure, null after a success
 * @param message of that failure
 * @param failingFor time since the first failure after the last success
 */
public record UploadStatus(
        int backlog,
        int notDeleted,
        Duration sinceProgress,
        Duration oldestAge,
        StoreException.@Nullable Kind failure,
        String message,
        Duration failingFor) {}
