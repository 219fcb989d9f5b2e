package io.marketdata.collector.command;

import io.marketdata.collector.process.Outputs;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A mixin for commands that print one JSON document for scripts instead of words for people, and log on standard
 * error.
 */
@Command // picocli requires it of a mixin
public final class JsonOption {

    private boolean json;

    @Option(
            names = "--json",
            description = "Print one JSON document on standard output and nothing else there (see docs/COMMANDS.md).")
    void set(boolean wanted) {
        json = wanted;
        if (wanted) {
            Outputs.logOnStandardError();
        }
    }

    public boolean wanted() {
        return json;
    }

    /** Where the words for a person go. */
    public PrintWriter words(Terminal terminal) {
        return json ? terminal.err() : terminal.out();
    }
}
