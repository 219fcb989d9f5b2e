package io.marketdata.collector.collect;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.config.Supervision;
import io.marketdata.collector.feed.LocationRefusedException;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.Faults.Fault;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SpoolDirectory;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.status.NotifyCommand;
import io.marketdata.collector.status.StatusPages;
import io.marketdata.collector.status.StatusServer;
import io.marketdata.collector.status.SystemdNotify;
import io.marketdata.collector.store.AwsClients;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.store.S3ObjectStore;
import io.marketdata.collector.store.S3Options;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.security.Security;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the collector as a process: from valid settings, until a signal or a fault, to the exit code. */
public final class Recording {

    private static final Logger LOG = LoggerFactory.getLogger(Recording.class);

    /** What a stop may take beyond the shutdown budget: closing the connections and the last write to the disk. */
    private static final Duration EXTRA = Duration.ofSeconds(5);

    /** For composing a message to systemd, which takes microseconds; sending it is not counted. */
    private static final Duration NOTIFY_LIMIT = Duration.ofSeconds(30);

    private final Settings settings;
    private final Faults faults;

    public Recording(Settings settings) {
        this.settings = settings;
        this.faults = new Faults(Time.SYSTEM, settings.shutdownBudget().plus(EXTRA), Recording::exitCode);
    }

    public ExitCode run() throws InterruptedException {
        faults.catchAll();
        try {
            return record();
        } catch (OutOfMemoryError e) {
            faults.accept(e);
            throw e;
        }
    }

    private ExitCode record() throws InterruptedException {
        // Every attempt resolves the name again: the JVM would cache an address for 30 s, and a failure for 10 s.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Software software = BuildInfo.software();
        LOG.info("Starting: collector {} on Java {}", software.version(), software.java());
        settings.describe().forEach(line -> LOG.info("Setting: {}", line));
        settings.warnings().forEach(line -> LOG.warn("Setting: {}", line));
        SpoolDirectory.temporary(settings.spool().directory())
                .ifPresent(reason -> LOG.warn(
                        "LOCAL_DIR: {}. Set LOCAL_DIR to a permanent directory, for example /var/lib/market-data",
                        reason));
        Collector collector;
        try {
            LocalDisk disk = new LocalDisk();
            UsableDirectories.require(settings, disk);
            collector = Collector.start(settings, openStore(settings), disk, Time.SYSTEM, faults);
        } catch (UnknownSymbolException | IOException e) {
            return notStarted(e);
        }
        @Nullable
        StatusServer status = StatusPages.open(
                settings.httpHost(),
                settings.httpPort(),
                collector.metrics().all(),
                collector.health(),
                collector::board,
                faults);
        SystemdNotify notify = Supervision.ofProcess()
                .map(supervision -> notifySystemd(supervision, collector))
                .orElse(null);
        try {
            return untilStopped(collector, notify);
        } finally {
            if (status != null) {
                status.close();
            }
        }
    }

    private ExitCode notStarted(Exception cause) {
        if (cause instanceof UnknownSymbolException || cause instanceof SpoolRefusedException) {
            LOG.error("{}", cause.getMessage());
            return ExitCode.CONFIG;
        }
        if (cause instanceof FileOps.LockedException) {
            LOG.error(
                    "{}; one process records into a directory. Stop the other one, or set another LOCAL_DIR",
                    cause.getMessage());
            return ExitCode.SPOOL_IN_USE;
        }
        LOG.error("The spool in {} cannot be used: {}", settings.spool().directory(), cause.getMessage());
        return ExitCode.DISK;
    }

    /** Notifies systemd from now on, on a thread of its own that nothing here waits for. */
    private static SystemdNotify notifySystemd(Supervision supervision, Collector collector) {
        SystemdNotify notify = new SystemdNotify(
                new NotifyCommand(),
                supervision.watchdog(),
                collector.watchdog(),
                collector.health(),
                collector.metrics().spool(),
                collector.metrics().upload(),
                Time.SYSTEM);
        collector.alsoRun("notify", NOTIFY_LIMIT, progress -> {
            notify.round(progress);
            notify.awaitNext();
        });
        return notify;
    }

    private ExitCode untilStopped(Collector collector, @Nullable SystemdNotify notify) throws InterruptedException {
        CompletableFuture<Fault> end = faults.first().copy();
        StopSignal signal = new StopSignal(settings.shutdownBudget().plus(EXTRA), () -> end.complete(null));
        @Nullable Fault fault = null;
        try {
            fault = end.join();
            if (fault != null) {
                log(fault);
            }
            if (notify != null) {
                notify.stopping(settings.shutdownBudget().plus(EXTRA));
            }
            collector.stop();
        } catch (IOException e) {
            LOG.error("Could not close the spool cleanly, the next start recovers it: {}", e.toString());
            return fault == null ? ExitCode.DISK : fault.code();
        } finally {
            signal.close();
        }
        return fault == null ? ExitCode.DONE : fault.code();
    }

    private static void log(Fault fault) {
        if (fault.cause() instanceof LocationRefusedException) {
            LOG.error("{}", fault.cause().getMessage());
        } else {
            LOG.error(
                    "Recording cannot continue: thread {}: {}",
                    fault.thread(),
                    fault.cause().toString(),
                    fault.cause());
        }
    }

    /** The exit code that a fault of any thread means. */
    public static ExitCode exitCode(Throwable fault) {
        if (fault instanceof LocationRefusedException) {
            return ExitCode.LOCATION_REFUSED;
        }
        return fault instanceof IOException ? ExitCode.DISK : ExitCode.INTERNAL;
    }

    /** The store that the settings name. */
    public static ObjectStore openStore(Settings settings) {
        return openStore(
                settings, settings.upload().attemptTimeout(), settings.upload().callTimeout());
    }

    /** The same with other timeouts: for one request, and for all requests of a put. */
    public static ObjectStore openStore(Settings settings, Duration attemptTimeout, Duration callTimeout) {
        if (settings.store() instanceof StoreTarget.Directory directory) {
            return new DirectoryObjectStore(directory.directory());
        }
        return openStore(settings, ((StoreTarget.S3) settings.store()).dialect(), attemptTimeout, callTimeout);
    }

    /** The S3 store that the settings name, in another dialect. */
    public static ObjectStore openStore(
            Settings settings, S3Dialect dialect, Duration attemptTimeout, Duration callTimeout) {
        StoreTarget.S3 s3 = (StoreTarget.S3) settings.store();
        return new S3ObjectStore(s3Options(settings, s3, dialect, attemptTimeout, callTimeout), awsClients(settings));
    }

    static S3Options s3Options(Settings settings, StoreTarget.S3 s3) {
        return s3Options(
                settings,
                s3,
                s3.dialect(),
                settings.upload().attemptTimeout(),
                settings.upload().callTimeout());
    }

    /**
     * The store that the settings name, for a tool that reads it.
     *
     * @param requests how many the tool has open at once
     */
    public static ObjectStore openStore(Settings settings, int requests) {
        if (settings.store() instanceof StoreTarget.S3 s3) {
            return new S3ObjectStore(s3Options(settings, s3).connections(requests), awsClients(settings));
        }
        return openStore(settings);
    }

    private static S3Options s3Options(
            Settings settings, StoreTarget.S3 s3, S3Dialect dialect, Duration attemptTimeout, Duration callTimeout) {
        return new S3Options(
                s3.bucket(),
                s3.region(),
                s3.endpoint(),
                settings.upload().attempts(),
                attemptTimeout,
                callTimeout,
                settings.upload().workers() + 1,
                dialect);
    }

    static AwsClients awsClients(Settings settings) {
        return new AwsClients(settings.routes().proxies(), settings.routes().allowHttpEndpoint());
    }
}
