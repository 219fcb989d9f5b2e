package io.marketdata.collector.testkit;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.RotationPolicy;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolMetrics;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.Uploader;
import java.time.Duration;

/** The way of a part in tests: a writer with the default rotation, and an uploader that retries after 1 to 60 s. */
public final class Uploads {

    private Uploads() {}

    public static Uploader uploader(ObjectStore store, Time time, UploadMetrics metrics) {
        return new Uploader(
                store,
                6,
                new Software("test", "17"),
                new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)),
                time,
                () -> 0.999,
                metrics);
    }

    /** A writer of instance {@code local-001} whose sealed parts go to the uploader. */
    public static RotatingWriter writer(Spool spool, Origin origin, Time time, Uploader uploader) {
        return new RotatingWriter(
                spool,
                new InstanceId("local-001"),
                origin,
                new RotationPolicy(2 << 20, Duration.ofSeconds(5)),
                time,
                new SpoolMetrics(new Metrics()),
                uploader::offer);
    }
}
