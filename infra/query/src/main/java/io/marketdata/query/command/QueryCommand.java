package io.marketdata.query.command;

import io.marketdata.collector.command.CollectorCommand;
import io.marketdata.collector.command.HelpCommand;
import io.marketdata.collector.config.ProcessText;
import io.marketdata.collector.model.BuildInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The top-level command: what can be made of recorded trades. */
@Command(
        name = QueryCommand.NAME,
        description = {
            "Compacts recorded trades to Parquet, answers SQL about them, draws charts, and exports days in the format of the"
                    + " exchange's daily files. Reads the bucket that the collector writes to, and writes nothing to it but"
                    + " below compact/.",
        },
        footer = {"", "Example: ${ROOT-COMMAND-NAME} sql --bucket file:./bucket \"SELECT count(*) FROM trades\""},
        mixinStandardHelpOptions = true,
        versionProvider = QueryCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CompactCommand.class,
            SqlCommand.class,
            ChartCommand.class,
            ExportCommand.class,
            HelpCommand.class
        })
public final class QueryCommand {

    static final String NAME = "market-data-query";

    private QueryCommand() {}

    /** Runs the command that the arguments name. Returns the exit code. */
    public static int execute(String[] arguments) {
        return commandLine().execute(ProcessText.arguments(arguments));
    }

    /** The command line of this program, ready to execute. */
    public static CommandLine commandLine() {
        return CollectorCommand.configured(new QueryCommand(), NAME);
    }

    /** What {@code --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                NAME + " " + BuildInfo.software().version() + " (Java "
                        + BuildInfo.software().java() + ")"
            };
        }
    }
}
