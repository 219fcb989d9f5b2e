package io.marketdata.collector.command;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A mixin for commands that print one JSON document for scripts instead of words for people. */
@Command // picocli requires it of a mixin
final class JsonOption {

    @Option(
            names = "--json",
            description = "Print one JSON document on standard output and nothing else there (see docs/COMMANDS.md).")
    private boolean json;

    boolean wanted() {
        return json;
    }

    /** Where the words for a person go. */
    PrintWriter words(Terminal terminal) {
        return json ? terminal.err() : terminal.out();
    }
}
