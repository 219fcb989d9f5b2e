package io.marketdata.query.command;

import io.marketdata.collector.command.ProgressLine;
import io.marketdata.collector.command.Terminal;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.query.compact.Compaction.Target;
import io.marketdata.query.compact.LocalHours;
import io.marketdata.query.compact.LocalHours.LocalHour;
import io.marketdata.query.duck.DuckDb;
import io.marketdata.query.duck.WorkDirectory;
import io.marketdata.query.sql.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The whole hours of one symbol that a period touches, as views.
 *
 * @param work for files of this run
 * @param hours how many hours are in the views
 * @param unreadHoursMs hours that are recorded and could not be used, which is printed; ms since 1970 UTC
 */
record RecordedTrades(DuckDb duck, Path work, int hours, List<Long> unreadHoursMs) {

    static final long END_OF_TIME_MS = 9_999_999_999_999L;

    RecordedTrades {
        unreadHoursMs = List.copyOf(unreadHoursMs);
    }

    /** What a command makes of them. */
    @FunctionalInterface
    interface Use {
        ExitCode of(RecordedTrades trades) throws SQLException, IOException;
    }

    /** Reads them and runs the command. Returns the exit code. */
    static int use(Terminal terminal, BucketOption bucket, Symbol symbol, long fromMs, long toMs, Use use)
            throws InterruptedException, SettingsException {
        try (ObjectStore store = bucket.open();
                WorkDirectory work = bucket.work();
                DuckDb duck = DuckDb.open(work, "512MB")) {
            LocalHours local = new LocalHours(store, work, bucket.requests());
            List<Target> targets = local.recorded(symbol, fromMs, toMs);
            List<LocalHour> hours = load(terminal, local, targets, duck);
            terminal.err().flush();
            if (targets.isEmpty()) {
                terminal.err()
                        .println("Nothing of " + symbol + " is recorded from " + Instant.ofEpochMilli(fromMs) + " to "
                                + Instant.ofEpochMilli(toMs) + ". Check --bucket, the symbol and the time.");
                return ExitCode.COULD_NOT_LOOK.code();
            }
            Views.create(duck, hours, 0, END_OF_TIME_MS);
            return use.of(new RecordedTrades(duck, work.run(), hours.size(), unread(targets, hours)))
                    .code();
        } catch (StoreException | IOException | SQLException e) {
            terminal.err().println(e.getMessage());
            return ExitCode.COULD_NOT_LOOK.code();
        }
    }

    /** Loads hours, and prints the progress and what a person should know of them. */
    static List<LocalHour> load(Terminal terminal, LocalHours local, List<Target> targets, DuckDb duck)
            throws StoreException, InterruptedException, IOException, SQLException {
        List<String> notes = new ArrayList<>();
        List<LocalHour> hours;
        try (ProgressLine progress =
                new ProgressLine(terminal.err(), "reading", ProgressLine.isTerminal(), false, Time.SYSTEM)) {
            hours = local.load(targets, duck, progress, notes);
        }
        notes.forEach(terminal.err()::println);
        return hours;
    }

    private static List<Long> unread(List<Target> targets, List<LocalHour> hours) {
        Set<Target> read = new HashSet<>(hours.stream().map(LocalHour::target).toList());
        return targets.stream()
                .filter(target -> !read.contains(target))
                .map(Target::hourMs)
                .toList();
    }
}
