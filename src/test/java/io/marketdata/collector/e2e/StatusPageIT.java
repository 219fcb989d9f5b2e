package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.Browser;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The status page as a browser shows it. */
@Execution(ExecutionMode.CONCURRENT)
class StatusPageIT {

    private static final String LAST_ID = "document.querySelector('main tbody tr').cells[4].textContent";
    private static final String LOST = "document.getElementById('lost')";

    /** The widths of two telephones and of a desktop window, in CSS pixels. */
    private static final List<Integer> WIDTHS = List.of(320, 390, 1_200);

    /** Up to this width the rows of tables are cards. */
    private static final int CARDS_UP_TO = 480;

    private static final String CELL = "document.querySelector('main tbody tr').cells[6]";

    /** Elements that are not completely in the window. */
    private static final String TOO_WIDE = "[...document.querySelectorAll('main *, footer *')]"
            + ".filter(e => !e.closest('thead') && e.getBoundingClientRect().right > innerWidth)"
            + ".map(e => e.outerHTML.slice(0, 200)).join('\\n')";

    /**
     * Text whose contrast to what is behind it is below 4.5, WCAG 2.2 level AA (https://www.w3.org/TR/WCAG22/#contrast-minimum);
     * the colours here have no transparency.
     */
    private static final String PALE = """
            (() => {
              const parse = c => c.match(/[\\d.]+/g).map(Number);
              const light = c => parse(c).slice(0, 3).map(v => v / 255)
                .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const back = e => { for (; e; e = e.parentElement) {
                const c = getComputedStyle(e).backgroundColor; if ((parse(c)[3] ?? 1) !== 0) return c; } return 'rgb(255, 255, 255)'; };
              return [...document.querySelectorAll('body *')]
                .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility())
                .map(e => [e, light(getComputedStyle(e).color), light(back(e))])
                .map(([e, a, b]) => [e, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)])
                .filter(([e, ratio]) => ratio < 4.5)
                .map(([e, ratio]) => ratio.toFixed(2) + ' ' + e.outerHTML.slice(0, 100)).join('\\n');
            })()""";

    @TempDir
    private Path folder;

    @Test
    void pageUpdatesWithoutReloadOnAPhoneAndReportsTheEndOfTheCollector() throws Exception {
        Assumptions.assumeTrue(Browser.isInstalled(), "chromium is not on this machine");
        int port = FreePort.find();
        Path profile = Files.createDirectory(folder.resolve("profile"));
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false)) {
            Map<String, String> environment = Exchange.environment(exchange, folder, "file:bucket");
            environment.put("HTTP_PORT", Integer.toString(port));
            try (CollectorProcess collector = CollectorProcess.start(folder, environment);
                    Browser browser = Browser.start(profile)) {
                collector.awaitLine("Status: ");
                checkPage(browser, "http://127.0.0.1:" + port + "/");
                collector.kill();
                Await.until(
                        "the end of the collector is shown",
                        () -> !browser.evaluate(LOST + ".hidden").asBoolean());
                assertThat(browser.evaluate(LOST + ".textContent").asText())
                        .matches(".* has not answered since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC.*");
                assertThat(browser.evaluate("document.title").asText()).startsWith("no answer");
            }
        }
    }

    /** The exchange goes away: what is not known is no zero, and one cause is one problem. */
    @Test
    @SuppressWarnings("try") // the exchange ends before its block does
    void withoutAConnectionNumbersAreUnknownAndThePageNamesTheCause() throws Exception {
        Assumptions.assumeTrue(Browser.isInstalled(), "chromium is not on this machine");
        int port = FreePort.find();
        Path profile = Files.createDirectory(folder.resolve("profile"));
        Map<String, String> environment;
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 50, false)) {
            environment = Exchange.environment(exchange, folder, "file:bucket");
            environment.put("HTTP_PORT", Integer.toString(port));
            try (CollectorProcess collector = CollectorProcess.start(folder, environment);
                    Browser browser = Browser.start(profile)) {
                collector.awaitLine("Uploaded: ");
                exchange.close();
                collector.awaitLine("Health: failing, disconnected");
                browser.open("http://127.0.0.1:" + port + "/", WIDTHS.get(0), 800);
                Await.until(
                        "the cause is shown",
                        () -> browser.evaluate("document.querySelector('.health').textContent")
                                .asText()
                                .contains("docs/RUNBOOK.md#disconnected"));
                assertThat(browser.evaluate(CELL + ".textContent").asText()).contains("unknown: no connection is open");
                checkLayout(browser);
                Await.until(
                        "a consequence is shown below it",
                        () -> browser.evaluate("document.querySelector('.health li li b')?.textContent ?? ''")
                                .asText()
                                .matches("stale|rest_failing"));
                assertThat(browser.evaluate("document.querySelectorAll('.health > ul > li').length")
                                .asInt())
                        .isEqualTo(1);
                checkLayout(browser);
            }
        }
    }

    /** At every width and in both schemes: nothing is off the screen, rows are cards on a telephone, text is readable. */
    private static void checkLayout(Browser browser) throws Exception {
        for (int width : WIDTHS) {
            browser.resize(width, 800);
            assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                    .isLessThanOrEqualTo(width);
            assertThat(browser.evaluate(TOO_WIDE).asText()).as("at %d", width).isEmpty();
            assertThat(browser.evaluate("getComputedStyle(document.querySelector('main tbody tr')).display")
                            .asText())
                    .isEqualTo(width <= CARDS_UP_TO ? "grid" : "table-row");
            for (String scheme : List.of("light", "dark")) {
                browser.prefer(scheme);
                assertThat(browser.evaluate(PALE).asText())
                        .as("%s at %d", scheme, width)
                        .isEmpty();
            }
        }
    }

    private static void checkPage(Browser browser, String page) throws Exception {
        browser.open(page, WIDTHS.get(0), 640);
        Await.until(
                "a trade is shown",
                () -> browser.evaluate("document.querySelector('main tbody tr')?.cells[4].textContent ?? '–'")
                        .asText()
                        .matches("[0-9]+"));

        // A reload would forget this.
        browser.evaluate("window.kept = 'kept'");
        long shown = Long.parseLong(browser.evaluate(LAST_ID).asText());
        Await.until(
                "a later trade is shown",
                () -> Long.parseLong(browser.evaluate(LAST_ID).asText()) > shown);
        assertThat(browser.evaluate("window.kept").asText()).isEqualTo("kept");

        checkLayout(browser);
        String ground = "getComputedStyle(document.body).backgroundColor";
        browser.prefer("light");
        String light = browser.evaluate(ground).asText();
        browser.prefer("dark");
        assertThat(browser.evaluate(ground).asText()).isNotEqualTo(light);

        assertThat(browser.evaluate(LOST + ".hidden").asBoolean()).isTrue();
        assertThat(browser.complaints()).isEmpty();
        browser.evaluate("document.body.setAttribute('onclick', 'alert()'); document.body.click()");
        Await.until(
                "the breach of the page's policy is reported",
                () -> browser.complaints().stream()
                        .anyMatch(complaint -> complaint.contains("Content Security Policy")));
    }
}
