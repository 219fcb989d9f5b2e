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

    /** The width of a small telephone, in CSS pixels. */
    private static final int NARROW = 360;

    /** Elements wider than the window; a wide table may scroll in a box of its own. */
    private static final String TOO_WIDE = "[...document.querySelectorAll('body *')]"
            + ".filter(e => !e.closest('.scroll > *') && e.getBoundingClientRect().right > " + NARROW + ")"
            + ".map(e => e.outerHTML.slice(0, 200)).join('\\n')";

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
                assertThat(browser.evaluate(LOST + ".textContent").asText()).contains("has not answered since");
                assertThat(browser.evaluate("document.title").asText()).startsWith("no answer");
            }
        }
    }

    private static void checkPage(Browser browser, String page) throws Exception {
        browser.open(page, NARROW, 640);
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

        assertThat(browser.evaluate(TOO_WIDE).asText()).isEmpty();
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
                .isEqualTo(NARROW);
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
