package io.marketdata.collector.collect;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.upload.UploadStatus;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Prints every 5 s how much is fetched, how fast, and how long the rest takes at that rate. */
final class BackfillProgress {

    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final long wanted;
    private final Time time;
    private final Consumer<String> out;
    private final long startNanos;
    private long reportedNanos;

    /** @param wanted number of trades to fetch */
    BackfillProgress(long wanted, Time time, Consumer<String> out) {
        this.wanted = wanted;
        this.time = time;
        this.out = out;
        startNanos = time.nanoTime();
        reportedNanos = startNanos;
    }

    void report(long fetched, UploadStatus uploads) {
        long now = time.nanoTime();
        if (now - reportedNanos < REPORT_NANOS) {
            return;
        }
        reportedNanos = now;
        double rate = fetched * 1e9 / (now - startNanos);
        String left = fetched == 0
                ? ""
                : ", about " + LogText.time(Duration.ofSeconds((long) ((wanted - fetched) / rate))) + " left";
        String failure = uploads.failure() == null ? "" : "; the last upload failed: " + uploads.message();
        out.accept(
                String.format(Locale.ROOT, "%d of %d trades (%d %%), %.0f/s", fetched, wanted, percent(fetched), rate)
                        + left + "; " + LogText.count(uploads.backlog(), "part") + " to upload" + failure);
    }

    private long percent(long fetched) {
        return fetched >= wanted ? 100 : (long) (100.0 * fetched / wanted);
    }
}
