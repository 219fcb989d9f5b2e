package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The sums in docs/COST.md are what its formula gives. */
class CostTest {

    private static final String FORMULA =
            "730 n p + 0.096 n d + 3.65 n + 24.7 n s / R + 0.06 n s + 0.30 (5 s + 7)" + " + 0.44 n + 0.10 (4 s + 9)";
    private static final double DISK_GIB = 8;

    /** {@link #FORMULA} in Java. */
    private static double usdAMonth(double n, double p, double s, double rotSecs) {
        return 730 * n * p
                + 0.096 * n * DISK_GIB
                + 3.65 * n
                + 24.7 * n * s / rotSecs
                + 0.06 * n * s
                + 0.30 * (5 * s + 7)
                + 0.44 * n
                + 0.10 * (4 * s + 9);
    }

    private static List<String[]> recipes(String text) {
        return text.lines()
                .filter(line -> line.matches("\\| .*( \\| [0-9.]+){5} \\|"))
                .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
                .toList();
    }

    @Test
    void everyRecipeIsTheSumOfTheFormula() throws IOException {
        String text = Files.readString(Path.of("docs/COST.md"));

        assertThat(text).contains("\n    " + FORMULA + "\n");
        assertThat(recipes(text))
                .hasSize(6)
                .allSatisfy(row -> assertThat(row[5])
                        .as(row[0])
                        .isEqualTo(String.format(
                                Locale.ROOT,
                                "%.0f",
                                usdAMonth(
                                        Double.parseDouble(row[1]),
                                        Double.parseDouble(row[2]),
                                        Double.parseDouble(row[3]),
                                        Double.parseDouble(row[4])))));
        assertThat(text).contains("| **first symbol** | | **about 64** |");
    }
}
