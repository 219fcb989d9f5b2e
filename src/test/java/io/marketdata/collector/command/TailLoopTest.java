package io.marketdata.collector.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.read.StoredTrade;
import io.marketdata.collector.read.Tail;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class TailLoopTest {

    private final StringWriter err = new StringWriter();
    private final Probe probe = new Probe();
    private boolean readerHasGone;
    private int checks;

    @Command
    private static final class Probe {
        @Mixin
        private final Terminal terminal = new Terminal();
    }

    private TailPrinter printer(PrintWriter out) {
        new CommandLine(probe).setOut(out).setErr(new PrintWriter(err, true));
        return new TailPrinter(probe.terminal, false);
    }

    /** A bucket that does not answer two checks; after the fourth check the reader has gone. */
    private final class Flaky implements Tail {
        private final TailPrinter printer;

        Flaky(TailPrinter printer) {
            this.printer = printer;
        }

        @Override
        public void check() throws StoreException {
            checks++;
            if (checks <= 2) {
                throw new StoreException(StoreException.Kind.UNAVAILABLE, "no answer to request " + checks);
            }
            printer.trades(List.of(new StoredTrade(Trades.BTCUSDT, checks, 0, "1", "2", "true", "{}")));
            readerHasGone = checks == 4;
        }

        @Override
        public String describe() {
            return "bucket";
        }
    }

    @Test
    void bucketThatDoesNotAnswerIsReportedOnceAndRetriedUntilTheReaderHasGone() throws Exception {
        StringWriter out = new StringWriter();
        TailPrinter printer = printer(new PrintWriter(out) {
            @Override
            public boolean checkError() {
                return readerHasGone;
            }
        });
        TailLoop loop = new TailLoop(probe.terminal, printer, Time.SYSTEM);
        loop.add(new Flaky(printer), Duration.ofMillis(1));

        assertThat(loop.run(true, "BTCUSDT since then")).isEqualTo(ExitCode.DONE);

        assertThat(checks).isEqualTo(4);
        assertThat(err.toString().lines())
                .containsExactly("The bucket cannot be read: no answer to request 1", "The bucket answers again.");
        assertThat(out.toString().lines()).hasSize(2);
    }

    @Test
    void bucketThatDoesNotAnswerEndsASingleCheckWith2() throws Exception {
        TailPrinter printer = printer(new PrintWriter(new StringWriter()));
        TailLoop loop = new TailLoop(probe.terminal, printer, Time.SYSTEM);
        loop.add(new Flaky(printer), Duration.ofMillis(1));

        assertThat(loop.run(false, "BTCUSDT since then")).isEqualTo(ExitCode.COULD_NOT_LOOK);
        assertThat(err.toString()).startsWith("The bucket cannot be read: ").doesNotContain("No trade");
    }
}
