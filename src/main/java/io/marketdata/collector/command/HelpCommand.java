package io.marketdata.collector.command;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.process.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the help of a command, as its {@code --help} does. */
@Command(
        name = "help",
        description = "Prints the help of a command.",
        footer = {"", "Example: ${ROOT-COMMAND-NAME} help spool ls"},
        mixinStandardHelpOptions = true)
public final class HelpCommand implements Callable<Integer> {

    @Mixin
    private final Terminal terminal = new Terminal();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command; without one, the collector itself.")
    private List<String> path = List.of();

    @Override
    public Integer call() {
        CommandLine found = spec.root().commandLine();
        for (String word : path) {
            CommandLine next = found.getSubcommands().get(word);
            if (next == null && found.getSubcommands().isEmpty()) {
                throw terminal.wrong(found.getCommandName() + " has no subcommands, was " + LogText.of(word));
            }
            if (next == null) {
                throw terminal.wrong(UsageErrors.unknownCommand(LogText.of(word), found.getCommandSpec()));
            }
            found = next;
        }
        found.usage(terminal.out());
        return ExitCode.DONE.code();
    }
}
