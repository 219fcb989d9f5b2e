package io.marketdata.collector.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.Minutes;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.audit.Verification;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.RecordedDay;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.PutPrice;
import io.marketdata.collector.upload.StoreException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportPageTest {

    private static final String HOSTILE = "<script>alert('\"&')</script><img src=x onerror=alert(1)>\u0000\u202E\uD800";
    private static final String FOLDER = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/";
    private static final long FROM_MS = Period.day(LocalDate.of(2025, 1, 15)).fromMs();

    /** Half an hour with a trade every second. */
    private static final Period PERIOD = new Period(FROM_MS, FROM_MS + 30 * 60_000);

    private static final List<Issued> ISSUED = RecordedDay.issued(1_000, FROM_MS, PERIOD.toMs(), 1_000);

    private final MemoryStore bucket = new MemoryStore();

    /** Two instances with a gap each, a gap of both, and a backfilled one. */
    private void record() {
        new RecordedDay(Trades.BTCUSDT, "tokyo-1", 5)
                .record(ISSUED, id -> (id >= 1_300 && id < 1_420) || (id >= 1_600 && id < 1_700) || id == 2_000)
                .writeTo(bucket);
        new RecordedDay(Trades.BTCUSDT, "tokyo-2", 7)
                .record(ISSUED, id -> (id >= 1_350 && id < 1_450) || (id >= 1_600 && id < 1_700))
                .backfill(ISSUED.subList(600, 660))
                .writeTo(bucket);
    }

    private DayReport verify(boolean isDeep, Period period) throws InterruptedException {
        Verification.Options options = new Verification.Options(null, isDeep, 2);
        return new Verification(bucket, Trades.BTCUSDT, period, options, Thread::new, (what, done, total) -> {}).run();
    }

    private static String page(boolean isDeep, DayReport... reports) {
        return ReportPage.of(
                new ReportPage.About("s3://" + HOSTILE, FROM_MS, isDeep, PutPrice.in("eu-west-1")), List.of(reports));
    }

    /** Text without markup, for what a reader sees. */
    private static String text(String page) throws Exception {
        return parsed(page)
                .getElementsByTagName("body")
                .item(0)
                .getTextContent()
                .replaceAll("\\s+", " ");
    }

    private static Document parsed(String page) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page.replaceFirst("<!DOCTYPE html>", ""))));
    }

    @Test
    void numbersOfThePageAreThoseOfTheReport() throws Exception {
        record();
        DayReport report = verify(true, PERIOD);

        String text = text(page(true, report));

        assertThat(report.missing()).isEqualTo(110);
        assertThat(text)
                .contains("✗ NOT COMPLETE", "every part was read (--deep)", "made 2025-01-15 00:00:00 UTC")
                .contains("trades1,690 ", "ids1000 to 2799 ", "missing110 in 2 gaps ", "backfilled60 ")
                .contains("1350 to 1419", "1660 to 1699")
                .contains("Filled gaps: backfilled over REST (1)", "1600 to 1659")
                .contains("tokyo-2")
                .contains("parts" + report.parts().size())
                .contains(String.format(
                        Locale.ROOT,
                        "%,d puts (part and manifest), ",
                        2 * report.parts().size()))
                .contains("at most 60")
                .contains("trade to collector40.0 ms40.0 ms40.0 ms40.0 ms")
                .contains("open: the recording begins here", "open: nothing is recorded after it");
        int fully = Collections.frequency(Minutes.of(report).all(), Minutes.Held.FULLY);
        assertThat(text).contains("held fully: " + fully + " ");
    }

    @Test
    void completeDayIsGreenInWordsAndColour() throws Exception {
        new RecordedDay(Trades.BTCUSDT, "tokyo-1", 5)
                .record(ISSUED, id -> false)
                .writeTo(bucket);
        String page = page(false, verify(false, PERIOD));

        assertThat(page).contains("<section class=\"verdict ok\"><strong>✓ COMPLETE</strong>", "<title>COMPLETE – ");
        assertThat(text(page))
                .contains("held fully: 30 ", "needs --deep")
                .doesNotContain("Gaps (", "Problems (", "backfill --from-verify");
    }

    /** Keys, details, messages of a store and its name. */
    @Test
    void textFromABucketIsNeverMarkup() throws Exception {
        record();
        bucket.plant(FOLDER + "00/" + HOSTILE, new byte[1]);
        bucket.plant(FOLDER + HOSTILE + "/part-" + "tokyo-1-" + (FROM_MS + 1) + ".jsonl.gz", new byte[1]);
        bucket.plant(
                FOLDER + "00/00/manifest-tokyo-1-" + FROM_MS + ".json",
                ("{\"version\":\"" + HOSTILE + "\"}").getBytes(StandardCharsets.UTF_8));
        DayReport damaged = verify(true, PERIOD);
        bucket.failReadsWith(key -> Optional.of(new StoreException(StoreException.Kind.REFUSED, HOSTILE)));
        DayReport refused = verify(true, PERIOD);

        for (String page : List.of(page(true, damaged), page(true, refused), page(true, damaged, refused))) {
            Document document = parsed(page);
            assertThat(document.getElementsByTagName("script").getLength()).isZero();
            assertThat(document.getElementsByTagName("img").getLength()).isZero();
            assertThat(page).contains("&lt;script&gt;").doesNotContain("\u0000", "\u202E");
        }
        assertThat(text(page(true, refused))).contains("? NOT KNOWN", "Not looked at (");
    }

    @Test
    void pageLoadsNothingAndAllowsNoScript() throws Exception {
        record();
        String page = page(true, verify(true, PERIOD));

        assertThat(page)
                .contains("default-src 'none'; style-src 'sha256-")
                .doesNotContain("<script", "style=\"", "src=\"", "<link", "http://", "https://", "url(", "@import");
    }

    @Test
    void severalReportsHaveASummaryThatLeadsToTheirSections() throws Exception {
        record();
        DayReport report = verify(false, PERIOD);
        DayReport other = verify(false, new Period(FROM_MS, FROM_MS + 60_000));
        String page = page(false, report, other);

        assertThat(page).contains("href=\"#report-0\"", "id=\"report-0\"", "href=\"#report-1\"", "id=\"report-1\"");
        assertThat(text(page)).contains("BTCUSDT, 2 reports", "NOT COMPLETE 1 of 2 reports complete");
    }

    @Test
    void sizeIsBoundedAndWhatIsLeftOutIsCounted() throws Exception {
        // Every second trade is missing: 900 gaps; and 900 objects without a manifest.
        RecordedDay day = new RecordedDay(Trades.BTCUSDT, "tokyo-1", 1).record(ISSUED, id -> id % 2 == 1);
        day.writeTo(bucket);
        bucket.keys().stream()
                .filter(key -> key.endsWith(".json") && key.contains("/00/2"))
                .toList()
                .forEach(bucket::delete);
        DayReport report = verify(false, PERIOD);
        DayReport[] many = new DayReport[ReportPage.MAX_SECTIONS + 10];
        java.util.Arrays.fill(many, report);

        String page = page(false, report);

        assertThat(report.gaps()).hasSizeGreaterThan(ReportSection.MOST);
        assertThat(text(page))
                .contains("Gaps (" + report.gaps().size() + ")")
                .contains(report.gaps().size() - ReportSection.MOST + " more, which verify --json lists");
        assertThat(page).hasSizeLessThan(200_000);
        assertThat(Pattern.compile("<article").matcher(page(false, many)).results())
                .hasSize(ReportPage.MAX_SECTIONS);
        assertThat(text(page(false, many))).contains("10 reports more in the summary alone");
    }
}
