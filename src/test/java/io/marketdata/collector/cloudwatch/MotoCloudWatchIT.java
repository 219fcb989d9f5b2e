package io.marketdata.collector.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.marketdata.collector.collect.CollectorMetrics;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.testkit.MotoServer;
import io.marketdata.collector.testkit.StubCloudWatch;
import io.marketdata.collector.testkit.StubCloudWatch.Call;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Publishes to moto, an independent CloudWatch simulator; skipped where it is not installed.
 *
 * <p>moto does not support the SDK's protocol (getmoto/moto issue 9195, 2025-09), only the older query protocol. So the stub
 * receives the call and forwards its members under their names in that protocol.
 */
@Execution(ExecutionMode.CONCURRENT)
class MotoCloudWatchIT {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static URI moto;

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.orSkip();
    }

    @Test
    void publishedValuesAreReadBackByNameSymbolAndUnit() throws Exception {
        CollectorMetrics metrics = new CollectorMetrics(new Metrics());
        metrics.upload().tradesUploaded.labelValues("BTCUSDT").inc(42);
        metrics.feed().idsUnrecoverable.labelValues("ETHUSDT").inc(7);
        try (StubCloudWatch translator = new StubCloudWatch();
                Publisher publisher = new Publisher(
                        metrics.all(),
                        metrics.cloudWatch(),
                        List.of(new Symbol("BTCUSDT"), new Symbol("ETHUSDT")),
                        CloudWatchSinkTest.sink(translator.uri(), Duration.ofSeconds(30)))) {
            translator.answerWith(MotoCloudWatchIT::forward);
            publisher.publish(new ThreadProgress("cloudwatch"));
            publisher.publish(new ThreadProgress("cloudwatch"));
        }

        assertThat(metrics.cloudWatch().puts.labelValues("ok").get()).isEqualTo(1);
        assertThat(sum("RecordsUploaded", "BTCUSDT", "Count")).isEqualTo("42.0");
        assertThat(sum("UnrecoverableTrades", "ETHUSDT", "Count")).isEqualTo("7.0");
        assertThat(sum("Up", "ETHUSDT", "Count")).isEqualTo("1.0");
        assertThat(sum("Health", "BTCUSDT", "None")).isEqualTo("0.0");
        assertThat(sum("Health", "ETHUSDT", "None")).isEqualTo("none");
        HttpResponse<String> names = call(Map.of("Action", "ListMetrics", "Namespace", "MarketData/Collector"));
        assertThat(Pattern.compile("<MetricName>(\\w+)</MetricName>")
                        .matcher(names.body())
                        .results()
                        .map(match -> match.group(1))
                        .collect(Collectors.toSet()))
                .contains("HeapUsedPercent", "SpoolBytes", "UploadFailures", "Reconnects", "GapTrades");
    }

    private static String sum(String metric, String symbol, String unit) throws IOException, InterruptedException {
        HttpResponse<String> answer = call(Map.of(
                "Action",
                "GetMetricStatistics",
                "Namespace",
                "MarketData/Collector",
                "MetricName",
                metric,
                "Dimensions.member.1.Name",
                "Symbol",
                "Dimensions.member.1.Value",
                symbol,
                "Unit",
                unit,
                "Statistics.member.1",
                "Sum",
                "Period",
                "3600",
                "StartTime",
                Instant.now().minusSeconds(1_800).toString(),
                "EndTime",
                Instant.now().plusSeconds(1_800).toString()));
        return Pattern.compile("<Sum>([^<]+)</Sum>")
                .matcher(answer.body())
                .results()
                .map(match -> match.group(1))
                .findFirst()
                .orElse("none");
    }

    private static void forward(HttpExchange exchange, Call call) throws IOException {
        Map<String, String> form = new TreeMap<>();
        form.put("Action", "PutMetricData");
        form.put("Namespace", call.body().at("/Namespace").asText());
        for (int i = 0; i < call.data().size(); i++) {
            String member = "MetricData.member." + (i + 1) + ".";
            for (String name : List.of("MetricName", "Unit", "Value")) {
                form.put(member + name, call.data().get(i).at("/" + name).asText());
            }
            for (String name : List.of("Name", "Value")) {
                form.put(
                        member + "Dimensions.member.1." + name,
                        call.data().get(i).at("/Dimensions/0/" + name).asText());
            }
        }
        try {
            StubCloudWatch.answer(exchange, call(form).statusCode(), Map.of());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static HttpResponse<String> call(Map<String, String> form) throws IOException, InterruptedException {
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "Version=2010-08-01&", ""));
        URI uri = moto.resolve("/");
        return HTTP.send(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        // moto finds the service by the scope of the signature and does not check the signature.
                        .header(
                                "Authorization",
                                "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/monitoring/aws4_request,"
                                        + " SignedHeaders=host, Signature=none")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}
