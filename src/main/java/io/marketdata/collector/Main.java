package io.marketdata.collector;

import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.command.BackfillCommand;
import io.marketdata.collector.command.DemoCommand;
import io.marketdata.collector.command.DoctorCommand;
import io.marketdata.collector.command.SimulateCommand;
import io.marketdata.collector.command.SpoolCommand;
import io.marketdata.collector.config.JournalStream;
import io.marketdata.collector.config.LogLevel;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line: arguments to command to exit code. The only place that ends the process. */
@Command(
        name = "collector",
        description = {
            "Records every Binance spot trade of the chosen symbols to S3 (or a local directory), as gzipped JSON Lines"
                    + " with a manifest beside each file.",
            "",
            "Without a command it records until it is stopped. Settings come from the environment, from .env and from"
                    + " configs/collector.yaml; .env.example lists them all.",
        },
        footer = {"", "Example: RAW_BUCKET=file:./bucket SYMBOL=BTCUSDT java -jar collector.jar"},
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            DemoCommand.class,
            BackfillCommand.class,
            SimulateCommand.class,
            SpoolCommand.class,
            DoctorCommand.class
        })
public final class Main implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    @Option(
            names = "--until-input-ends",
            description =
                    "Stop when the standard input ends too: for a program that starts the recorder, and must not leave"
                            + " it behind.")
    private boolean untilInputEnds;

    /** Runs the command that the arguments name, and ends the process with its exit code. */
    public static void main(String[] args) {
        int code;
        try {
            code = commandLine().execute(args);
        } catch (Throwable t) {
            // Errors: picocli hands exceptions only to the handler below.
            LoggerFactory.getLogger(Main.class).error("Fault in the program itself: {}", t.toString(), t);
            code = ExitCode.INTERNAL.code();
        }
        System.exit(code);
    }

    /** The command line of this program, ready to execute. */
    public static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main()).setExecutionExceptionHandler((fault, command, parsed) -> {
            LoggerFactory.getLogger(Main.class).error("Fault in the program itself: {}", fault.toString(), fault);
            return ExitCode.INTERNAL.code();
        });
        // Not inherited: each command would answer bad usage with picocli's own 2.
        answerBadUsage(line);
        return line;
    }

    private static void answerBadUsage(CommandLine line) {
        line.getCommandSpec().exitCodeOnInvalidInput(ExitCode.USAGE.code());
        line.getSubcommands().values().forEach(Main::answerBadUsage);
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings;
        try {
            settings = SettingsLoader.ofProcess().load();
        } catch (SettingsException e) {
            PrintWriter err = spec.commandLine().getErr();
            String prefix = JournalStream.errorPrefix();
            e.problems().forEach(problem -> err.println(prefix + problem));
            err.println(prefix + "Nothing was started. --help shows an example, .env.example lists all settings.");
            return ExitCode.CONFIG.code();
        }
        setLogLevel(settings.logLevel());
        if (untilInputEnds) {
            Threads.daemons("input").newThread(Main::exitAtEndOfInput).start();
        }
        return new Recording(settings).run().code();
    }

    /** As at SIGTERM: the exit waits until the recorder has stopped in good order. */
    private static void exitAtEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // nobody says anything
            }
        } catch (IOException e) {
            // as good as its end
        }
        System.exit(ExitCode.DONE.code());
    }

    /** Sets how much is logged from now on. */
    public static void setLogLevel(LogLevel level) {
        ch.qos.logback.classic.Logger root =
                (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(ch.qos.logback.classic.Level.valueOf(level.name()));
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            Software software = BuildInfo.software();
            return new String[] {"collector " + software.version() + " (Java " + software.java() + ")"};
        }
    }
}
