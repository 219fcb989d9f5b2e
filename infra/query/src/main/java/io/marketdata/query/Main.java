package io.marketdata.query;

import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Outputs;
import io.marketdata.query.command.QueryCommand;
import org.slf4j.LoggerFactory;

/** The entry point: arguments to command to exit code. The only place that ends the process. */
public final class Main {

    private Main() {}

    /** Runs the command that the arguments name, and ends the process with its exit code. */
    public static void main(String[] args) {
        Outputs.open();
        Outputs.logOnStandardError();
        int code;
        try {
            code = QueryCommand.execute(args);
        } catch (Throwable t) {
            LoggerFactory.getLogger(Main.class).error("Internal fault: {}", t.toString(), t);
            code = ExitCode.INTERNAL.code();
        }
        Outputs.flush();
        System.exit(code);
    }
}
