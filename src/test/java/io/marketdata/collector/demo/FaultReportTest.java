package io.marketdata.collector.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.demo.FaultReport.Episode;
import io.marketdata.collector.model.IdRange;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class FaultReportTest {

    private static final IdRange ISSUED = new IdRange(100, 199);
    private static final List<Episode> EPISODES = List.of(
            new Episode("cut", 119, "1 new connection"),
            new Episode("kill", 149, "again"),
            new Episode("503", 179, "4 puts"));

    @Test
    void everyRowShowsZeroWithoutLosses() {
        assertThat(rows(LongStream.rangeClosed(100, 199).toArray(), 120, 121, 160))
                .containsExactly(
                        "cut | 1 new connection; 2 trades backfilled | 0",
                        "kill | again; 1 trade backfilled | 0",
                        "503 | 4 puts | 0");
    }

    @Test
    void missingTradeCountsInTheRowOfItsTime() {
        long[] stored = LongStream.rangeClosed(100, 199)
                .filter(id -> id != 100 && id != 149 && id != 150 && id != 179 && id != 180 && id != 199)
                .toArray();

        // those before the first fault belong to it
        assertThat(rows(stored)).containsExactly("cut | 1 new connection | 2", "kill | again | 2", "503 | 4 puts | 2");
    }

    @Test
    void duplicatesAndForeignIdsHideNothing() {
        assertThat(rows(new long[] {5, 100, 100, 101, 500}))
                .containsExactly("cut | 1 new connection | 48", "kill | again | 30", "503 | 4 puts | 20");
    }

    @Test
    void faultWithoutTradesInItsTimeLosesNone() {
        List<Episode> episodes =
                List.of(new Episode("a", -1, "x"), new Episode("b", 199, "y"), new Episode("c", 199, "z"));

        assertThat(new FaultReport(ISSUED, new long[0], new long[0])
                        .lines(episodes).stream().skip(2).map(line -> line.replaceAll(" +", " ")))
                .containsExactly("a | x | 100", "b | y | 0", "c | z | 0");
    }

    private static List<String> rows(long[] stored, long... backfilled) {
        return new FaultReport(ISSUED, stored, backfilled)
                .lines(EPISODES).stream()
                        .skip(2)
                        .map(line -> line.replaceAll(" +", " "))
                        .toList();
    }
}
