package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Backoff;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The records of settings refuse the values that the loader refuses. */
class SettingsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Backoff BACKOFF = new Backoff(SECOND, SECOND);

    @Test
    void checksTheFeed() {
        URI url = URI.create("wss://host");
        assertRefused(
                () -> feed(List.of(URI.create("ws://host")), SECOND, SECOND, BACKOFF, 65_536),
                "WS_URL=[ws://host]: ws:// would cross an open network unencrypted; allowed: ");
        assertRefused(() -> feed(List.of(), SECOND, SECOND, BACKOFF, 65_536), "WS_URL=[]: no value; allowed: ");
        assertRefused(() -> feed(List.of(url), Duration.ZERO, SECOND, BACKOFF, 65_536), "feed.connect_timeout=PT0S: ");
        assertRefused(() -> feed(List.of(url), SECOND, Duration.ZERO, BACKOFF, 65_536), "feed.idle_timeout=PT0S: ");
        assertRefused(
                () -> feed(List.of(url), SECOND, SECOND, new Backoff(SECOND, Duration.ofDays(1)), 65_536),
                "feed.reconnect_max=PT24H: too large");
        assertRefused(() -> feed(List.of(url), SECOND, SECOND, BACKOFF, 0), "feed.max_frame=0: too small");
    }

    private static Settings.Feed feed(
            List<URI> urls, Duration connect, Duration idle, Backoff reconnect, int maxFrame) {
        return new Settings.Feed(
                urls,
                null,
                2,
                connect,
                idle,
                reconnect,
                60,
                maxFrame,
                Duration.ofHours(23),
                Duration.ofHours(1),
                Duration.ofSeconds(15),
                Duration.ofSeconds(10));
    }

    @Test
    void checksTheRestAddressAndHidesTheKey() {
        assertRefused(
                () -> rest(URI.create("https://host/api"), null), "REST_URL=https://host/api: has more than scheme");
        assertThat(rest(URI.create("https://host"), "TopSecretKey0001").toString())
                .doesNotContain("TopSecret");
    }

    private static Settings.Rest rest(URI url, @Nullable String key) {
        return new Settings.Rest(url, key, Duration.ofMillis(500), Duration.ofHours(24), 5_000_000, 1_200);
    }

    @Test
    void checksTheSpool() {
        assertRefused(() -> spool("spool", 1024, SECOND, SECOND, SECOND, 1 << 20, 0), "the spool directory");
        assertRefused(() -> spool("/spool", 1023, SECOND, SECOND, SECOND, 1 << 20, 0), "ROT_BYTES=1023: too small");
        assertRefused(
                () -> spool("/spool", 1024, Duration.ofMillis(1500), SECOND, SECOND, 1 << 20, 0),
                "rotateAge must be whole seconds");
        assertRefused(() -> spool("/spool", 1024, Duration.ofDays(2), SECOND, SECOND, 1 << 20, 0), "ROT_SECS=172800: ");
        assertRefused(
                () -> spool("/spool", 1024, SECOND, Duration.ZERO, SECOND, 1 << 20, 0), "spool.fsync_interval=PT0S: ");
        assertRefused(
                () -> spool("/spool", 1024, SECOND, SECOND, Duration.ZERO, 1 << 20, 0), "spool.sweep_interval=PT0S: ");
        assertRefused(() -> spool("/spool", 1024, SECOND, SECOND, SECOND, 1_000, 0), "spool.max_bytes=1000: too small");
        assertRefused(
                () -> spool("/spool", 1024, SECOND, SECOND, SECOND, 1 << 20, -1), "spool.min_free_bytes=-1: too small");
    }

    private static Settings.Spool spool(
            String directory,
            int rotateBytes,
            Duration rotateAge,
            Duration fsync,
            Duration sweep,
            long maxBytes,
            long minFreeBytes) {
        return new Settings.Spool(Path.of(directory), rotateBytes, rotateAge, fsync, sweep, maxBytes, minFreeBytes);
    }

    @Test
    void checksTheUpload() {
        assertRefused(() -> new Settings.Upload(0, 6, 4, SECOND, SECOND, BACKOFF), "upload.workers=0: ");
        assertRefused(() -> new Settings.Upload(1, 0, 4, SECOND, SECOND, BACKOFF), "upload.gzip_level=0: ");
        assertRefused(() -> new Settings.Upload(1, 6, 0, SECOND, SECOND, BACKOFF), "upload.attempts=0: ");
        assertRefused(
                () -> new Settings.Upload(1, 6, 4, Duration.ZERO, SECOND, BACKOFF), "upload.attempt_timeout=PT0S: ");
        assertRefused(() -> new Settings.Upload(1, 6, 4, SECOND, Duration.ZERO, BACKOFF), "upload.call_timeout=PT0S: ");
        assertRefused(
                () -> new Settings.Upload(1, 6, 4, Duration.ofSeconds(2), SECOND, BACKOFF),
                "attemptTimeout 2s must not be longer than callTimeout 1s");
        assertRefused(
                () -> new Settings.Upload(1, 6, 4, SECOND, SECOND, new Backoff(Duration.ofNanos(1), SECOND)),
                "upload.retry_first=PT0.000000001S: too small");
    }

    @Test
    void checksTheWatchdog() {
        assertRefused(() -> new Settings.Watchdog(SECOND, Duration.ofMinutes(2)), "watchdog.recording_limit=PT1S: ");
        assertRefused(() -> new Settings.Watchdog(Duration.ofSeconds(15), SECOND), "watchdog.upload_limit=PT1S: ");
        assertRefused(
                () -> new Settings.Watchdog(Duration.ofSeconds(15), Duration.ofSeconds(14)),
                "recordingLimit 15s must not be longer than uploadLimit 14s");
    }

    private static void assertRefused(ThrowingCallable birth, String message) {
        assertThatThrownBy(birth).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }
}
