package io.marketdata.collector.command;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Symbol;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A mixin for commands: their output, and the options that are not valid. */
@Command // picocli requires it of a mixin without options
final class Terminal {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints a line at once. */
    void print(String line) {
        out().println(line);
        out().flush();
    }

    /** The answer to an option that is not valid: the message, the usage and {@code ExitCode.USAGE}. */
    ParameterException wrong(String message) {
        return wrong(message, null);
    }

    ParameterException wrong(String message, @Nullable Throwable cause) {
        return new ParameterException(spec.commandLine(), message, cause);
    }

    /** The symbol that {@code --symbol} names. */
    Symbol symbol(String text) {
        try {
            return Symbol.of(text);
        } catch (IllegalArgumentException e) {
            throw wrong("--symbol: not " + Symbol.ALLOWED, e);
        }
    }

    /** @param example of a valid duration, for the message */
    Duration duration(String option, String text, String example) {
        try {
            return SettingsLoader.duration(text);
        } catch (IllegalArgumentException e) {
            throw wrong(option + " " + text + ": " + e.getMessage() + ", as in " + example, e);
        }
    }
}
