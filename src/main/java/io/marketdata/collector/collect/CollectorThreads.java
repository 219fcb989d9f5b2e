package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.feed.Feed;
import io.marketdata.collector.health.Health;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.process.Watchdog;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.spool.FileOps.NoSpaceException;
import io.marketdata.collector.spool.SpaceWatch;
import io.marketdata.collector.spool.UnparsedFrames;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.Uploader;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Every thread of a collector under one watchdog, in four groups, because a stop ends one after the other: connections,
 * recording, uploading, and what watches them.
 */
final class CollectorThreads {

    /** A part that found no room to be sealed is tried again after this time; one that is due is sealed at once. */
    private static final Duration SEAL_AGAIN = Duration.ofSeconds(5);

    private static final Duration SPACE_PERIOD = Duration.ofSeconds(2);

    /** How often failed uploads of unparsed frames are due; a sealed file is uploaded at once. */
    private static final Duration UNPARSED_PERIOD = Duration.ofSeconds(5);

    /** Nothing is missed meanwhile: every change wakes the thread that waits for it. */
    static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Settings settings;
    private final Duration recordingLimit;
    private final Duration uploadLimit;

    final Watchdog watchdog;
    final Threads connections;
    final Threads recording;
    final Threads uploading;
    final Threads watching;

    CollectorThreads(Wiring wiring, Faults faults) {
        settings = wiring.settings();
        recordingLimit = settings.watchdog().recordingLimit();
        uploadLimit = settings.watchdog().uploadLimit();
        watchdog = new Watchdog(faults::hang);
        connections = new Threads(wiring.time(), watchdog, faults);
        recording = new Threads(wiring.time(), watchdog, faults);
        uploading = new Threads(wiring.time(), watchdog, faults);
        watching = new Threads(wiring.time(), watchdog, faults);
    }

    /** Runs a connection, on a thread that ends with it. */
    void startConnection(ThreadProgress progress, Runnable connection) {
        recording.start(progress, recordingLimit, own -> connection.run());
    }

    void startUploading(Uploader uploader, BacklogSweep sweep) {
        Duration twoPuts = settings.upload().callTimeout().multipliedBy(2);
        uploadLoops(uploading, uploader, settings.upload().workers(), uploadLimit, limitBeside(twoPuts), IDLE_NANOS);
        Duration onePut = limitBeside(settings.upload().callTimeout());
        uploading.repeat("sweep", onePut, settings.spool().sweepInterval(), sweep::run);
    }

    /** Packs on one thread and uploads on as many as there are workers, each waiting for work at most {@code idleNanos}. */
    static void uploadLoops(
            Threads threads, Uploader uploader, int workers, Duration packLimit, Duration putLimit, long idleNanos) {
        threads.loop(
                "pack", packLimit, progress -> uploader.workOrAwait(uploader::packNext, progress::idle, idleNanos));
        for (int i = 1; i <= workers; i++) {
            threads.loop(
                    "upload-" + i,
                    putLimit,
                    progress -> uploader.workOrAwait(uploader::uploadNext, progress::idle, idleNanos));
        }
    }

    /** Keeping frames that are not understood, and uploading them; apart from the threads of trades. */
    void startUnparsed(UnparsedFrames frames, UnparsedUpload upload) {
        recording.repeat("unparsed", recordingLimit, settings.spool().fsyncInterval(), progress -> frames.tick());
        Duration onePut = limitBeside(settings.upload().callTimeout());
        uploading.repeat(
                "upload-unparsed",
                onePut,
                progress -> upload.run(() -> {
                    progress.busy();
                    return true;
                }),
                () -> frames.awaitSealed(UNPARSED_PERIOD));
    }

    void startRecording(Spools spools) {
        SpaceWatch space = spools.space();
        recording.repeat("space", recordingLimit, SPACE_PERIOD, progress -> space.check());
        rotate("rotate", spools.live(), space);
        rotate("rotate-backfilled", spools.backfilled(), space);
        recording.repeat(
                "fsync", recordingLimit, settings.spool().fsyncInterval(), whileThereIsRoom(space, spools::sync));
    }

    private void rotate(String name, Writers writers, SpaceWatch space) {
        recording.repeat(
                name, recordingLimit, whileThereIsRoom(space, writers::rotateDue), () -> writers.awaitDue(SEAL_AGAIN));
    }

    void startIntake(Intake intake, SpaceWatch space) {
        Feed feed = intake.feed();
        connections.repeat(
                "connections",
                recordingLimit,
                progress -> {
                    if (space.isFull()) {
                        feed.pause();
                    } else {
                        feed.tick();
                    }
                },
                feed::awaitEvent);
        RestCycle rest = intake.restCycle();
        connections.repeat(
                "backfill",
                limitBeside(BinanceRest.TIMEOUT),
                whileThereIsRoom(space, progress -> {
                    if (!space.isFull()) {
                        rest.run(progress);
                    }
                }),
                () -> intake.gaps().awaitGap(space.isFull() ? SPACE_PERIOD : rest.pause()));
    }

    void startMonitors(Monitors monitors) {
        // A client that asks at once must not find a collector that was never checked.
        monitors.gather();
        watching.repeat("health", recordingLimit, Health.PERIOD, progress -> monitors.gather());
        if (settings.cloudWatch().on()) {
            watching.repeat(
                    "cloudwatch", recordingLimit, settings.cloudWatch().interval(), monitors.cloudWatch()::publish);
        }
        watching.repeat("watchdog", recordingLimit, Watchdog.PERIOD, progress -> watchdog.look());
    }

    /** Work that is repeated, and may need room on the disk. */
    private static Threads.Work whileThereIsRoom(SpaceWatch space, Threads.Work work) {
        return progress -> {
            try {
                work.run(progress);
            } catch (NoSpaceException e) {
                space.noSpace(e);
            }
        };
    }

    /** The limit of work that may wait for the network so long: waiting that has a time-out of its own is no hang. */
    private Duration limitBeside(Duration network) {
        Duration least = network.plus(recordingLimit);
        return uploadLimit.compareTo(least) < 0 ? least : uploadLimit;
    }
}
