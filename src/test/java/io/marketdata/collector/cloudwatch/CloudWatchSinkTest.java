package io.marketdata.collector.cloudwatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.cloudwatch.MetricSink.Outcome;
import io.marketdata.collector.cloudwatch.MetricSink.PutException;
import io.marketdata.collector.store.AwsClients;
import io.marketdata.collector.testkit.StubCloudWatch;
import io.marketdata.collector.testkit.StubCloudWatch.Call;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFile;

/** Runs the SDK's own client against a server that records the calls. */
class CloudWatchSinkTest {

    private static final List<Datum> DATA = List.of(
            new Datum(AlarmNumber.RECORDS_UPLOADED, "BTCUSDT", 42),
            new Datum(AlarmNumber.HEALTH, "BTCUSDT", 0),
            new Datum(AlarmNumber.LAST_TRADE_AGE, "ETHUSDT", 0.25));

    private StubCloudWatch cloudWatch;
    private CloudWatchSink sink;

    @BeforeEach
    void start() throws IOException {
        cloudWatch = new StubCloudWatch();
        sink = sink(cloudWatch.uri(), Duration.ofSeconds(10));
    }

    @AfterEach
    void stop() {
        sink.close();
        cloudWatch.close();
    }

    static CloudWatchSink sink(URI endpoint, Duration callTimeout) {
        return new CloudWatchSink(
                new CloudWatchOptions("MarketData/Collector", "eu-west-1", callTimeout),
                builder -> builder.endpointOverride(endpoint)
                        .credentialsProvider(
                                StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"))));
    }

    private PutException failure() {
        return catchThrowableOfType(PutException.class, () -> sink.put(DATA));
    }

    @Test
    void oneCallPublishesAllValuesWithUnitAndSymbolAndWithoutATime() throws Exception {
        sink.put(DATA);

        assertThat(cloudWatch.calls()).hasSize(1);
        Call call = cloudWatch.calls().get(0);
        assertThat(call.path()).isEqualTo("/service/GraniteServiceVersion20100801/operation/PutMetricData");
        assertThat(call.headers())
                .containsEntry("smithy-protocol", "rpc-v2-cbor")
                .containsEntry("content-type", "application/cbor");
        assertThat(call.headers().get("authorization")).contains("/eu-west-1/monitoring/aws4_request");
        assertThat(call.body().at("/Namespace").asText()).isEqualTo("MarketData/Collector");
        assertThat(call.data()).hasSize(3);
        JsonNode datum = call.data().get(0);
        assertThat(datum.toString()).doesNotContain("Timestamp");
        assertThat(datum.at("/MetricName").asText()).isEqualTo("RecordsUploaded");
        assertThat(datum.at("/Unit").asText()).isEqualTo("Count");
        assertThat(datum.at("/Value").asDouble()).isEqualTo(42);
        assertThat(datum.at("/Dimensions").toString()).isEqualTo("[{\"Name\":\"Symbol\",\"Value\":\"BTCUSDT\"}]");
        assertThat(call.data().get(1).at("/Unit").asText()).isEqualTo("None");
        assertThat(call.sum("LastTradeAgeSeconds", "ETHUSDT")).isEqualTo(0.25);
    }

    @Test
    void largestCallStaysFarBelowAMegabyte() throws Exception {
        sink.put(Collections.nCopies(
                Publisher.MAX_DATA, new Datum(AlarmNumber.SPOOL_OLDEST_AGE, "1000CHEEMSUSDT", 12_345.678)));

        assertThat(cloudWatch.calls().get(0).data()).hasSize(1_000);
        assertThat(cloudWatch.calls().get(0).bytes()).isLessThan(250_000);
    }

    @Test
    void refusalNamesTheMissingPermissionAndIsNotRetried() {
        cloudWatch.answerWith(StubCloudWatch.error(403, "AccessDeniedException"));

        PutException failure = failure();

        assertThat(failure.outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure)
                .hasMessage("HTTP 403 AccessDeniedException; allow this role cloudwatch:PutMetricData for the"
                        + " namespace MarketData/Collector, or set CLOUDWATCH_METRICS=off");
        assertThat(cloudWatch.calls()).hasSize(1);
    }

    @Test
    void serverErrorIsRetriedOnce() {
        cloudWatch.answerWith(StubCloudWatch.error(500, "InternalServiceFault"));

        PutException failure = failure();

        assertThat(failure.outcome()).isEqualTo(Outcome.UNAVAILABLE);
        assertThat(failure).hasMessage("HTTP 500 InternalServiceFault");
        assertThat(cloudWatch.calls()).hasSize(2);
    }

    @Test
    void throttlingCountsAsUnavailable() {
        cloudWatch.answerWith(StubCloudWatch.error(400, "ThrottlingException"));

        assertThat(failure().outcome()).isEqualTo(Outcome.UNAVAILABLE);
    }

    @Test
    void callTimesOutWithoutAnAnswerAndLeavesNoInterruptBehind() throws Exception {
        sink.put(DATA); // so that the client's classes are loaded
        sink.close();
        sink = sink(cloudWatch.uri(), Duration.ofMillis(600));
        cloudWatch.answerWith(cloudWatch.never());
        long begun = System.nanoTime();

        PutException failure = failure();

        assertThat(failure.outcome()).isEqualTo(Outcome.UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        cloudWatch.answerWith(cloudWatch.success());
        assertThat(catchThrowableOfType(PutException.class, () -> sink.put(DATA)))
                .isNull();
    }

    @Test
    void callTimesOutIfTheAnswerTrickles() throws Exception {
        sink.put(DATA); // so that the client's classes are loaded
        sink.close();
        sink = sink(cloudWatch.uri(), Duration.ofMillis(600));
        cloudWatch.answerWith(cloudWatch.drip());
        long begun = System.nanoTime();

        assertThat(failure().outcome()).isEqualTo(Outcome.UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void refusedConnectionCountsAsUnavailable() {
        cloudWatch.close();

        PutException failure = failure();

        assertThat(failure.outcome()).isEqualTo(Outcome.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("refused");
    }

    @Test
    void messageSaysWhatToSetWithoutARegion() {
        Assumptions.assumeTrue(System.getenv("AWS_REGION") == null, "the environment of the tests names a region");
        System.setProperty("aws.disableEc2Metadata", "true");
        try {
            sink = new CloudWatchSink(
                    new CloudWatchOptions("N", null, Duration.ofSeconds(1)),
                    builder -> builder.overrideConfiguration(
                            o -> o.defaultProfileFile(ProfileFile.aggregator().build())));

            assertThat(failure()).hasMessage("no region is known; set AWS_REGION");
            assertThat(failure().outcome()).isEqualTo(Outcome.REFUSED);
        } finally {
            System.clearProperty("aws.disableEc2Metadata");
        }
    }

    @Test
    void messageSaysWhatToDoWithoutCredentials() {
        sink = new CloudWatchSink(
                new CloudWatchOptions("N", "eu-west-1", Duration.ofSeconds(1)),
                builder -> builder.endpointOverride(cloudWatch.uri())
                        .credentialsProvider(AwsClients.explaining(
                                AwsCredentialsProviderChain.of(ProfileCredentialsProvider.builder()
                                        .profileFile(ProfileFile.aggregator().build())
                                        .build()))));

        assertThat(failure().outcome()).isEqualTo(Outcome.REFUSED);
        assertThat(failure()).hasMessageStartingWith("no AWS credentials are found; attach a role");
        assertThat(cloudWatch.calls()).isEmpty();
    }

    @Test
    void errorsThrownByTheClientCountAsUnavailable() {
        sink = new CloudWatchSink(new CloudWatchOptions("N", "eu-west-1", Duration.ofSeconds(1)), builder -> {
            throw new NoClassDefFoundError("software/amazon/awssdk/Missing");
        });

        assertThat(failure().outcome()).isEqualTo(Outcome.UNAVAILABLE);
    }
}
