package io.marketdata.query.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.query.testkit.Cli;
import io.marketdata.query.testkit.RecordedBucket;
import io.marketdata.query.testkit.Trade;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class ChartCommandTest {

    private static final long HOUR_MS = 1_763_632_800_000L; // 2025-11-20T10:00Z
    private static final long LENGTH_MS = 600_000;
    private static final long LOST_FROM_MS = HOUR_MS + 203_000;
    private static final long LOST_TO_MS = HOUR_MS + 262_000;

    @TempDir
    private Path folder;

    private final List<Trade> issued = Trade.made(4_000_000_000L, HOUR_MS, HOUR_MS + LENGTH_MS, 1);

    private static boolean isLost(Trade trade) {
        return trade.timeMs() >= LOST_FROM_MS && trade.timeMs() < LOST_TO_MS;
    }

    private Cli chart(Path out, String... options) {
        List<String> all = new ArrayList<>(List.of(
                "chart",
                "BTCUSDT",
                "--bucket=file:" + folder.resolve("bucket"),
                "--from=2025-11-20T10:00Z",
                "--to=2025-11-20T10:10Z",
                "--out=" + out));
        all.addAll(List.of(options));
        return Cli.run(all.toArray(new String[0]));
    }

    /** Two instances; both have the gap, and the second one records from the fifth minute on. */
    private void record() throws IOException {
        RecordedBucket bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        bucket.record("i-1", issued, ChartCommandTest::isLost);
        bucket.record("i-2", issued, trade -> isLost(trade) || trade.timeMs() < HOUR_MS + 300_000);
    }

    private Map<Long, List<Trade>> kept(long everyMs) {
        return issued.stream()
                .filter(trade -> !isLost(trade))
                .collect(Collectors.groupingBy(
                        trade -> trade.timeMs() / everyMs * everyMs, TreeMap::new, Collectors.toList()));
    }

    private JsonNode data(Path page) throws IOException {
        Matcher data = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
                .matcher(Files.readString(page));
        assertThat(data.find()).isTrue();
        return new ObjectMapper().readTree(data.group(1));
    }

    private static Document parse(Path svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    }

    private static int count(Document svg, String path) throws Exception {
        return Integer.parseInt(XPathFactory.newInstance().newXPath().evaluate("count(" + path + ")", svg));
    }

    @Test
    void candlesAreThoseOfTheTradesToTheLastDigit() throws IOException {
        record();
        Path page = folder.resolve("chart.html");
        Cli answer = chart(page, "--every=15s");
        assertThat(answer.code()).as(answer.err()).isZero();

        JsonNode candles = data(page).path("candles");
        Map<Long, List<Trade>> expected = kept(15_000);
        assertThat(candles).hasSize(expected.size());
        int number = 0;
        for (Map.Entry<Long, List<Trade>> each : expected.entrySet()) {
            JsonNode candle = candles.get(number++);
            List<Trade> trades = each.getValue();
            List<BigDecimal> prices =
                    trades.stream().map(trade -> new BigDecimal(trade.price())).toList();
            BigDecimal volume = trades.stream()
                    .map(trade -> new BigDecimal(trade.quantity()))
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
            boolean isNextToTheGap = each.getKey() <= LOST_TO_MS && each.getKey() + 15_000 > LOST_FROM_MS - 4_000;
            boolean isAtAnEdge = number == 1 || number == expected.size();
            assertThat(candle.path(0).asLong() * 1_000).isEqualTo(each.getKey());
            assertThat(candle.path(1).asText()).isEqualTo(prices.get(0).toPlainString());
            assertThat(candle.path(2).asText())
                    .isEqualTo(prices.stream()
                            .max(BigDecimal::compareTo)
                            .orElseThrow()
                            .toPlainString());
            assertThat(candle.path(3).asText())
                    .isEqualTo(prices.stream()
                            .min(BigDecimal::compareTo)
                            .orElseThrow()
                            .toPlainString());
            assertThat(candle.path(4).asText())
                    .isEqualTo(prices.get(prices.size() - 1).toPlainString());
            assertThat(candle.path(5).asText()).isEqualTo(volume.toPlainString());
            assertThat(candle.path(6).asInt()).isEqualTo(trades.size());
            assertThat(candle.path(7).asInt()).isEqualTo(each.getKey() < HOUR_MS + 300_000 ? 1 : 2);
            if (!isNextToTheGap) {
                assertThat(candle.path(8).asBoolean()).as("candle %d", number).isEqualTo(!isAtAnEdge);
            }
        }
        List<JsonNode> incomplete = new ArrayList<>();
        candles.forEach(candle -> {
            if (!candle.path(8).asBoolean()) {
                incomplete.add(candle);
            }
        });
        assertThat(incomplete).hasSize(4);
    }

    @Test
    void pictureHasEachCandleAndTheGapWhereTradesWereDropped() throws Exception {
        record();
        Path picture = folder.resolve("chart.svg");
        Cli answer = chart(picture, "--every=5s");
        assertThat(answer.code()).as(answer.err()).isZero();

        long lost = issued.stream().filter(ChartCommandTest::isLost).count();
        Document svg = parse(picture);
        assertThat(count(svg, "//*[starts-with(@class,'c ')]"))
                .isEqualTo(kept(5_000).size());
        assertThat(count(svg, "//*[@class='gap'][*]")).isEqualTo(1);
        assertThat(count(svg, "//*[@class='gap']/*[.='" + lost + " trades missing']"))
                .isEqualTo(1);
        assertThat(Double.parseDouble(XPathFactory.newInstance().newXPath().evaluate("//*[@class='gap'][*]/@x", svg)))
                .isBetween(10 + 540 * 199_000.0 / LENGTH_MS, 10 + 540 * 203_000.0 / LENGTH_MS);
        assertThat(answer.out()).contains("1 gap, " + lost + " trades missing", "of 5 s, 4 incomplete");
        assertThat(svg.getDocumentElement().getAttribute("viewBox")).isEqualTo("0 0 640 488");
        assertThat(Files.readString(picture))
                .contains("prefers-color-scheme: dark", "2025-11-20 10:00:00 to 2025-11-20 10:10:00 UTC");
    }

    @Test
    void timeBeforeAndAfterWhatIsRecordedIsShadedAsUnknown() throws Exception {
        record();
        Path picture = folder.resolve("chart.svg");
        Cli answer = chart(picture, "--to=2025-11-20T12:00Z", "--from=2025-11-20T09:00Z");
        assertThat(answer.code()).as(answer.err()).isEqualTo(64);
        answer = Cli.run(
                "chart",
                "BTCUSDT",
                "--bucket=file:" + folder.resolve("bucket"),
                "--from=2025-11-20T09:00Z",
                "--to=2025-11-20T12:00Z",
                "--out=" + picture);
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(count(parse(picture), "//*[@class='unknown']/*[.='nothing recorded']"))
                .isEqualTo(2);
        assertThat(answer.out()).contains("10 candles of 1 min");
    }

    @Test
    void hourThatCannotBeUsedIsShadedAndNamed() throws Exception {
        RecordedBucket bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        bucket.record("i-1", issued.subList(0, 10), trade -> false);
        bucket.record("i-1", List.of(issued.get(10).withPrice("1.123456789")), trade -> false);
        Path picture = folder.resolve("chart.svg");
        long laterMs = HOUR_MS + 3_600_000;
        bucket.record("i-1", Trade.made(4_000_000_011L, laterMs, laterMs + 60_000, 2), trade -> false);

        Cli answer = chart(picture, "--every=1m");
        assertThat(answer.code()).isEqualTo(2);
        answer = Cli.run(
                "chart",
                "BTCUSDT",
                "--bucket=file:" + folder.resolve("bucket"),
                "--from=2025-11-20T10:00Z",
                "--to=2025-11-20T11:01Z",
                "--out=" + picture);

        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(answer.err()).contains("BTCUSDT 2025-11-20T10:00:00Z is left out", "1.123456789");
        assertThat(Double.parseDouble(XPathFactory.newInstance()
                        .newXPath()
                        .evaluate("//*[@class='unknown'][*][1]/@width", parse(picture))))
                .isBetween(540 * 60 / 61.0 - 1, 540 * 60 / 61.0 + 1);
    }

    @Test
    void gapAtTheEndReachesToTheEdge() throws Exception {
        RecordedBucket bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        bucket.record("i-1", issued, trade -> trade.timeMs() > HOUR_MS + 400_000);
        bucket.record("i-1", List.of(new Trade(4_000_009_999L, HOUR_MS + 4_000_000, "1", "1", true)), trade -> false);
        Path picture = folder.resolve("chart.svg");

        assertThat(chart(picture).code()).isZero();

        Document svg = parse(picture);
        double x = Double.parseDouble(XPathFactory.newInstance().newXPath().evaluate("//*[@class='gap'][*]/@x", svg));
        double width =
                Double.parseDouble(XPathFactory.newInstance().newXPath().evaluate("//*[@class='gap'][*]/@width", svg));
        assertThat(x + width).isBetween(549.9, 550.1);
    }

    @Test
    void smallAndOnlyPricesAreDrawn() throws Exception {
        RecordedBucket bucket = new RecordedBucket(folder.resolve("bucket"), new Symbol("BTCUSDT"));
        bucket.record("i-1", List.of(new Trade(7, HOUR_MS + 1_000, "0.00000001", "1000000000", true)), trade -> false);
        Path picture = folder.resolve("chart.svg");

        assertThat(chart(picture).code()).isZero();

        assertThat(count(parse(picture), "//*[starts-with(@class,'c ')]")).isEqualTo(1);
        assertThat(Files.readString(picture)).contains(">0.00000001<").doesNotContain("NaN", "Infinity");
    }

    @Test
    void nothingIsOverwrittenAndWrongUsageIsExplained() throws IOException {
        record();
        Path picture = Files.writeString(folder.resolve("chart.svg"), "before");

        Cli answer = chart(picture);
        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.err()).contains("already exists; choose a new file");
        assertThat(picture).hasContent("before");
        assertThat(chart(folder.resolve("chart.png")).err()).contains("must end with .svg or .html");
        assertThat(chart(folder.resolve("none/chart.svg")).err()).contains("directory does not exist");
        assertThat(chart(folder.resolve("a.svg"), "--every=7s").err()).contains("a day must be a multiple of it");
        assertThat(Cli.run("chart", "--help").out()).contains("Example: market-data-query chart");
        Cli none = Cli.run(
                "chart",
                "BTCUSDT",
                "--bucket=file:" + folder.resolve("bucket"),
                "--from=2025-11-21",
                "--to=2025-11-22",
                "--out=" + folder.resolve("b.svg"));
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("Nothing of BTCUSDT is recorded");
        assertThat(folder.resolve("b.svg")).doesNotExist();
    }

    @Test
    void defaultLengthMakesAFewHundredCandles() {
        for (long minutes : new long[] {5, 20, 60, 125, 480, 1_440, 4_320, 10_000, 40_000, 100_000, 600_000}) {
            assertThat(Grid.of(0, minutes * 60_000, null).slots())
                    .as("%d minutes", minutes)
                    .isBetween(85L, 501L);
        }
    }

    @Test
    void pageHoldsTheLibraryAsItsAuthorsPublishedItAndLoadsNothing() throws IOException {
        record();
        Path page = folder.resolve("chart.html");
        assertThat(chart(page).code()).isZero();

        String text = Files.readString(page);
        byte[] library = resource("lightweight-charts.standalone.production.js");
        assertThat(new String(resource("README.md"), StandardCharsets.UTF_8))
                .contains(Sha256.of(library).hex());
        assertThat(text)
                .contains(
                        new String(library, StandardCharsets.UTF_8),
                        "TradingView",
                        "Apache License",
                        "default-src 'none'")
                .doesNotContainPattern("(src|href)\\s*=\\s*[\"']?(https?:)?//")
                .doesNotContainPattern("url\\(\\s*[\"']?(https?:)?//")
                .doesNotContain("@import", "@DATA@", "@LIBRARY@", "@SCRIPT@");
    }

    private static byte[] resource(String name) throws IOException {
        try (var in = HtmlChart.class.getResourceAsStream("/lightweight-charts/" + name)) {
            return in.readAllBytes();
        }
    }
}
