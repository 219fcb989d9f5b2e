package io.marketdata.collector.command;

import io.marketdata.collector.config.Settings;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A mixin for commands: their output, and the options that are not valid. */
@Command // picocli requires it of a mixin without options
public final class Terminal {

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    /** For results. */
    public PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** For words and progress beside results. */
    public PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** What a command waits for when it is asked to stop while it uploads. */
    static String lastUpload(Settings settings) {
        return "waiting for the uploads in progress, at most "
                + settings.upload().callTimeout().toSeconds() + " s; everything else stays in the spool";
    }

    /** Prints a line at once. */
    public void print(String line) {
        out().println(line);
        out().flush();
    }

    /** The answer to an option that is not valid: the message, where the help is, and {@code ExitCode.USAGE}. */
    public ParameterException wrong(String message) {
        return wrong(message, null);
    }

    ParameterException wrong(String message, @Nullable Throwable cause) {
        return new ParameterException(spec.commandLine(), message, cause);
    }
}
