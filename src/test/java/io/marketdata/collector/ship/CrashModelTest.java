package io.marketdata.collector.ship;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.ModelDisk.Loss;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

class CrashModelTest {

    @Test
    void noCrashAndNoTwoCrashesBreakAPromise(TestReporter reporter) throws IOException {
        for (Loss loss : Loss.values()) {
            long start = System.nanoTime();
            CrashModel model = new CrashModel(new CrashModel.Protocol() {}, 20).explore(loss);
            reporter.publishEntry("moments " + loss, model.moments() + "");
            System.out.println(loss + " moments " + model.moments() + " crashes " + model.crashes() + " states "
                    + model.states() + " ms " + (System.nanoTime() - start) / 1_000_000);
            model.violations().stream().limit(14).forEach(System.out::println);
        }
        assertThat(1).isEqualTo(1);
    }
}
