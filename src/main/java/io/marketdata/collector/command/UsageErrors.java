package io.marketdata.collector.command;

import io.marketdata.collector.config.NearestName;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.process.ExitCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Answers bad usage with two lines: what is wrong with what, and where the help is. The usage itself only on request. */
final class UsageErrors implements IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine line = e.getCommandLine();
        line.getErr().println(text(e));
        line.getErr().println("See: " + line.getCommandSpec().qualifiedName() + " --help");
        line.getErr().flush();
        return ExitCode.USAGE.code();
    }

    private static String text(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched.getUnmatched().get(0), e.getCommandLine().getCommandSpec());
        }
        if (e instanceof OverwrittenOptionException twice) {
            return OptionValues.name(twice.getOverwritten()) + " is given more than once; give it once";
        }
        if (e instanceof MissingParameterException missing) {
            return missing(missing);
        }
        if (e.getArgSpec() != null && e.getCause() != null) {
            return OptionValues.reason(e, e.getArgSpec());
        }
        return String.valueOf(e.getMessage());
    }

    private static String missing(MissingParameterException e) {
        boolean isAbsent = String.valueOf(e.getMessage()).startsWith("Missing required option")
                || String.valueOf(e.getMessage()).startsWith("Missing required parameter:")
                || String.valueOf(e.getMessage()).startsWith("Missing required parameters:");
        return e.getMissing().stream()
                .map(arg -> {
                    String name = OptionValues.name(arg);
                    String label = name.equals(arg.paramLabel()) ? "" : " " + arg.paramLabel();
                    return isAbsent ? name + label + " is required" : name + " needs a value:" + label;
                })
                .collect(Collectors.joining("; "));
    }

    private static String unmatched(String argument, CommandSpec command) {
        String name = argument.startsWith("-") && argument.indexOf('=') > 0
                ? argument.substring(0, argument.indexOf('='))
                : argument;
        String shown = name.isEmpty() ? "''" : LogText.of(name);
        boolean isAfterEnd = command.findOption(name) != null;
        if (name.startsWith("-") && !isAfterEnd) {
            return "unknown option " + shown + option(name, command);
        }
        if (command.subcommands().isEmpty() || isAfterEnd) {
            return "unexpected argument " + shown + (isAfterEnd ? " after --" : "") + "; " + command.name() + " takes "
                    + (command.positionalParameters().isEmpty() ? "options only" : "one argument");
        }
        return unknownCommand(shown, command);
    }

    /** Names the subcommand that is closest to a word that is none. */
    static String unknownCommand(String word, CommandSpec command) {
        List<String> names = new ArrayList<>(command.subcommands().keySet());
        return "unknown command " + word
                + NearestName.of(word, names)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("; commands: " + String.join(", ", names));
    }

    private static String option(String name, CommandSpec command) {
        List<CommandSpec> others = all(command.root());
        List<String> owners = others.stream()
                .filter(other -> !other.equals(command) && other.findOption(name) != null)
                .map(other -> other.parent() == null ? "the collector itself" : path(other))
                .toList();
        if (!owners.isEmpty()) {
            return "; it is an option of " + String.join(", ", owners);
        }
        Optional<String> near = NearestName.of(name, names(command));
        return near.map(found -> "; did you mean " + found + "?")
                .orElse("; options: " + String.join(", ", names(command)));
    }

    private static List<String> names(CommandSpec command) {
        return command.options().stream().map(OptionSpec::longestName).sorted().toList();
    }

    private static String path(CommandSpec command) {
        String name = command.qualifiedName();
        return name.substring(command.root().name().length()).strip();
    }

    private static List<CommandSpec> all(CommandSpec command) {
        List<CommandSpec> found = new ArrayList<>(List.of(command));
        command.subcommands().values().forEach(line -> found.addAll(all(line.getCommandSpec())));
        return found;
    }
}
