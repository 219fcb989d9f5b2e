package io.marketdata.collector.command;

import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.JournalStream;
import io.marketdata.collector.config.ProcessText;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** The top-level command; without a subcommand it records until it is stopped. */
@Command(
        name = "collector",
        description = {
            "Records every Binance spot trade of the chosen symbols, unmodified, to S3 or a local directory: gzipped"
                    + " JSON Lines with a manifest beside each file.",
            "",
            "Without a command it records until it is stopped. Settings, highest precedence first: environment, .env,"
                    + " configs/collector.yaml, defaults. .env.example lists them all.",
        },
        footer = {"", "Example: RAW_BUCKET=file:./bucket SYMBOL=BTCUSDT ${ROOT-COMMAND-NAME}"},
        mixinStandardHelpOptions = true,
        versionProvider = CollectorCommand.Version.class,
        subcommands = {
            DemoCommand.class,
            TailCommand.class,
            BackfillCommand.class,
            ReparseCommand.class,
            SimulateCommand.class,
            SpoolCommand.class,
            VerifyCommand.class,
            CertifyCommand.class,
            CertifyCommand.Keygen.class,
            DoctorCommand.class,
            HealthCommand.class,
            HelpCommand.class
        })
public final class CollectorCommand implements Callable<Integer> {

    private final IntConsumer exit;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Option(
            names = "--until-input-ends",
            description = "Also stop when standard input ends, so that the collector does not outlive the program that"
                    + " started it.")
    private boolean untilInputEnds;

    private CollectorCommand(IntConsumer exit) {
        this.exit = exit;
    }

    /** Runs the command that the arguments name; they are UTF-8 whatever the locale. Returns the exit code. */
    public static int execute(String[] arguments, IntConsumer exit) {
        return commandLine(exit).execute(ProcessText.arguments(arguments));
    }

    /**
     * The command line of this program, ready to execute.
     *
     * @param exit ends the process with this exit code, as {@link System#exit} does
     */
    public static CommandLine commandLine(IntConsumer exit) {
        return configured(new CollectorCommand(exit), BuildInfo.command());
    }

    /**
     * A command line that reads options, answers bad usage and exits as the collector's does.
     *
     * @param command an object with picocli's annotations
     * @param name how it is called in its help
     */
    public static CommandLine configured(Object command, String name) {
        CommandLine line = new CommandLine(command).setCommandName(name);
        // Also in the POSIX locale, where the default would print other letters than ASCII as question marks.
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        OptionValues.register(line);
        line.setExpandAtFiles(false);
        line.setParameterExceptionHandler(new UsageErrors());
        line.setExecutionStrategy(parsed -> {
            for (ParseResult each = parsed; each != null; each = each.subcommand()) {
                if (!each.isUsageHelpRequested() && !each.isVersionHelpRequested()) {
                    OptionValues.check(each);
                }
            }
            return new CommandLine.RunLast().execute(parsed);
        });
        line.setExecutionExceptionHandler((fault, failed, parsed) -> {
            if (fault instanceof SettingsException e) {
                e.problems().forEach(failed.getErr()::println);
                return ExitCode.CONFIG.code();
            }
            LoggerFactory.getLogger(CollectorCommand.class).error("Internal fault: {}", fault.toString(), fault);
            return ExitCode.INTERNAL.code();
        });
        // Not inherited: otherwise each subcommand answers bad usage with picocli's own code 2.
        answerBadUsage(line);
        return line;
    }

    private static void answerBadUsage(CommandLine line) {
        line.getCommandSpec().exitCodeOnInvalidInput(ExitCode.USAGE.code());
        line.getSubcommands().values().forEach(CollectorCommand::answerBadUsage);
    }

    @Override
    public Integer call() throws InterruptedException {
        Settings settings;
        try {
            settings = StartSettings.load();
        } catch (SettingsException e) {
            String prefix = JournalStream.errorPrefix();
            e.problems().forEach(problem -> terminal.err().println(prefix + problem));
            String remedy = "The collector was not started. --help shows an example, .env.example lists all settings.";
            terminal.err().println(prefix + remedy);
            return ExitCode.CONFIG.code();
        }
        LogThreshold.set(settings.logLevel());
        if (untilInputEnds) {
            Threads.daemons("input").newThread(this::exitAtEndOfInput).start();
        }
        return new Recording(settings).run().code();
    }

    /** As with SIGTERM, the exit waits until the collector has stopped in order. */
    private void exitAtEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // the content does not matter, only the end
            }
        } catch (IOException e) {
            // as the end
        }
        exit.accept(ExitCode.DONE.code());
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
