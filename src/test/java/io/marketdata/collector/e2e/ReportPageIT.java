package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.Period;
import io.marketdata.collector.testkit.Browser;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code verify --report}, from the jar, as a browser shows it. */
class ReportPageIT {

    private static final long FROM_MS = Period.day(LocalDate.of(2025, 1, 15)).fromMs();

    /** What is off the screen, other than headings that are hidden on a telephone. */
    private static final String TOO_WIDE = "[...document.querySelectorAll('main *, footer *')]"
            + ".filter(e => !e.closest('thead') && e.getBoundingClientRect().right > innerWidth + 1)"
            + ".map(e => e.outerHTML.slice(0, 200)).join('\\n')";

    private static final String GROUND = "getComputedStyle(document.body).backgroundColor";

    @TempDir
    private Path folder;

    private void record() throws Exception {
        List<Issued> issued = RecordedDay.issued(5_300_000_000L, FROM_MS, FROM_MS + 86_400_000, 30_000);
        new RecordedDay(Trades.BTCUSDT, "tokyo-1", 60)
                .record(issued, id -> id >= 5_300_001_000L && id < 5_300_001_100L)
                .backfill(issued.subList(1_000, 1_090))
                .writeTo(folder.resolve("bucket"));
        new RecordedDay(Trades.BTCUSDT, "tokyo-with-a-name-as-long-as-it-may-be-of-64-characters-xyz", 60)
                .record(issued, id -> id >= 5_300_000_990L && id < 5_300_001_100L)
                .writeTo(folder.resolve("bucket"));
    }

    private String verify(int exitCode, String... options) throws Exception {
        List<String> arguments = new java.util.ArrayList<>(
                List.of("verify", "--symbol=BTCUSDT", "--day=2025-01-15", "--report=day.html"));
        arguments.addAll(List.of(options));
        try (CollectorProcess verify = CollectorProcess.start(
                folder, Map.of("RAW_BUCKET", "file:./bucket"), arguments.toArray(String[]::new))) {
            assertThat(verify.awaitExit()).as(verify.text()).isEqualTo(exitCode);
            return verify.text();
        }
    }

    @Test
    void pageIsReadableOnATelephoneInTheDarkAndOnPaper() throws Exception {
        record();
        assertThat(verify(1, "--deep")).contains("10 trades missing", "day.html");
        assertThat(verify(64)).contains("day.html already exists");

        Assumptions.assumeTrue(Browser.isInstalled(), "chromium is not on this machine");
        try (Browser browser = Browser.start(Files.createDirectory(folder.resolve("profile")))) {
            browser.open(folder.resolve("day.html").toUri().toString(), 360, 800);
            for (int width : List.of(320, 360, 1_200)) {
                browser.resize(width, 800);
                assertThat(browser.evaluate("document.documentElement.scrollWidth")
                                .asInt())
                        .isLessThanOrEqualTo(width);
                assertThat(browser.evaluate(TOO_WIDE).asText())
                        .as("at %d", width)
                        .isEmpty();
            }
            assertThat(browser.evaluate("document.querySelector('.verdict').textContent")
                            .asText())
                    .contains("NOT COMPLETE");
            browser.prefer("light");
            String light = browser.evaluate(GROUND).asText();
            browser.prefer("dark");
            assertThat(browser.evaluate(GROUND).asText()).isNotEqualTo(light);
            browser.print();
            assertThat(browser.evaluate(GROUND).asText()).isEqualTo(light);
            assertThat(browser.evaluate("getComputedStyle(document.querySelector('tbody tr')).display")
                            .asText())
                    .isEqualTo("table-row");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
