package io.marketdata.collector.command;

import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.Reparse;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.StopSignal;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.UnparsedObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Reads frames that an earlier version did not understand, and uploads the trades among them. */
@Command(
        name = "reparse",
        description = {
            "Reads frames that were not understood when they were received, and uploads the trades that this version"
                    + " recognises among them, as parts, with the time when they were received. Uses the collector's"
                    + " settings and may run beside a collector. Deletes nothing; a second run is harmless.",
            "",
            "Exits with 1 if some frames are still not understood or some parts are not uploaded, with 2 if there was"
                    + " nothing to read or an object could not be read.",
        },
        footer = {
            "",
            "Example: RAW_BUCKET=file:./bucket ${ROOT-COMMAND-NAME} reparse ./bucket",
            "For a bucket in S3: aws s3 sync s3://my-bucket/unparsed/ frames/",
            "                    RAW_BUCKET=my-bucket ${ROOT-COMMAND-NAME} reparse frames",
        },
        mixinStandardHelpOptions = true)
public final class ReparseCommand implements Callable<Integer> {

    /** For sealing the last parts, after the upload in progress has had its own time. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Mixin
    private final Terminal terminal = new Terminal();

    @Parameters(
            paramLabel = "DIR",
            description = "A directory bucket, with or without file: before it, or any directory with frames-*.jsonl"
                    + " or frames-*.jsonl.gz files in it or below.")
    @SuppressWarnings("NullAway.Init") // required
    private String source;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        Path directory = Path.of(source.startsWith("file:") ? source.substring("file:".length()) : source);
        if (!Files.isDirectory(directory)) {
            throw terminal.wrong(
                    "DIR " + directory + " is not a directory. For a bucket in S3 first run: aws s3 sync s3://" + source
                            + "/unparsed/ frames/");
        }
        Settings settings = StartSettings.load();
        // A log line for each upload would hide the lines printed here.
        LogThreshold.set(settings.logLevel() == LogLevel.INFO ? LogLevel.WARN : settings.logLevel());
        try (StopSignal signal = StopSignal.announcing(
                        settings.upload().callTimeout().plus(PATIENCE), () -> Terminal.lastUpload(settings));
                ObjectStore store = Recording.openStore(settings)) {
            List<UnparsedObject> objects = UnparsedObject.below(directory);
            Reparse reparse = new Reparse(settings, store, new LocalDisk(), Time.SYSTEM, terminal::print);
            reparse.run(objects, signal::await);
            return report(reparse, objects.size(), store).code();
        } catch (FileOps.LockedException e) {
            terminal.err().println(e.getMessage() + "; another reparse is already running there");
            return ExitCode.SPOOL_IN_USE.code();
        } catch (IOException | UncheckedIOException e) {
            terminal.err().println("The local disk failed; run the same command again: " + e);
            return ExitCode.DISK.code();
        }
    }

    private ExitCode report(Reparse reparse, int found, ObjectStore store) {
        reparse.unreadable().forEach(object -> terminal.print("Could not be read: " + object));
        if (reparse.waitingParts() > 0) {
            terminal.print("Backlog: " + LogText.count(reparse.waitingParts(), "part")
                    + " in the spool; the next reparse uploads it");
        }
        int left = found - reparse.objects() - reparse.unreadable().size();
        if (left > 0) {
            terminal.print("Stopped early: " + LogText.count(left, "object") + " not read");
        }
        terminal.print(reparse.summary() + "; into " + store.describe());
        if (found == 0 || !reparse.unreadable().isEmpty()) {
            return ExitCode.COULD_NOT_LOOK;
        }
        return reparse.unknown() == 0 && reparse.waitingParts() == 0 && left == 0
                ? ExitCode.DONE
                : ExitCode.FOUND_WANTING;
    }
}
