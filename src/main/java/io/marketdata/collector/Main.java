package io.marketdata.collector;

import io.marketdata.collector.command.CollectorCommand;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Outputs;
import org.slf4j.LoggerFactory;

/** The entry point: arguments to command to exit code. The only place that ends the process. */
public final class Main {

    private Main() {}

    /** Runs the command that the arguments name, and ends the process with its exit code. */
    public static void main(String[] args) {
        Outputs.open();
        int code;
        try {
            code = CollectorCommand.execute(args, System::exit);
        } catch (Throwable t) {
            // Errors: picocli passes only exceptions to its handler.
            LoggerFactory.getLogger(Main.class).error("Internal fault: {}", t.toString(), t);
            code = ExitCode.INTERNAL.code();
        }
        Outputs.flush();
        System.exit(code);
    }
}
