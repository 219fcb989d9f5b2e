package io.marketdata.collector.command;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.daily.DayFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A mixin: the page that {@code verify} writes. */
@Command // picocli requires it of a mixin
final class ReportFile {

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description =
                    "Also write the report as one HTML page, a new file: it needs no network and no script, and shows"
                            + " each minute, gaps, delays and costs.")
    private @Nullable Path file;

    /** Refuses a file that cannot be written, before a long run. */
    void check(Terminal terminal) {
        if (file == null) {
            return;
        }
        if (Files.exists(file)) {
            throw terminal.wrong("--report " + file + " already exists; choose a new file");
        }
        if (!Files.isWritable(file.toAbsolutePath().resolveSibling("."))) {
            throw terminal.wrong(
                    "--report " + file + ": its directory does not exist, or this user may not write to it");
        }
    }

    /**
     * Writes the page, if it is wanted.
     *
     * @return false if the disk does not take it, which is printed
     */
    boolean write(Terminal terminal, JsonOption json, DayFiles files, List<DayReport> reports) {
        if (file == null) {
            return true;
        }
        try {
            Files.writeString(file, files.page(reports), StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            terminal.err().println("--report " + file + " could not be written: " + e);
            return false;
        }
        json.words(terminal).println("Report: " + file.toAbsolutePath());
        return true;
    }
}
