package io.marketdata.collector.store;

import static io.marketdata.collector.testkit.StubS3.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Runs the real client against responses that no S3 server gives on request. */
@Tag("long")
class S3FaultsTest {

    private static final String KEY = "raw/part-a-1.jsonl.gz";
    private static final String SECRET = "hush-hush-hush";

    private final byte[] body = new byte[90_000];
    private StubS3 server;
    private ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        new Random(2).nextBytes(body);
        server = new StubS3();
        store = S3Stores.of(server.uri(), "bucket", "AKIDOFTESTS", SECRET);
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    private PutOutcome put() throws StoreException {
        return store.put(KEY, body, Sha256.of(body), ContentType.GZIP);
    }

    @Test
    void overloadedStoreIsRetriedImmediately() throws Exception {
        server.nextPuts(error(503, "SlowDown"), error(500, "InternalError"));

        assertThat(put()).isEqualTo(PutOutcome.STORED);
        assertThat(server.puts()).hasSize(3);
        assertThat(server.objects().get(KEY)).isEqualTo(body);
    }

    @Test
    void putFailsAfterThreeRetries() {
        server.script(request -> Optional.of(error(500, "InternalError")));

        fails(StoreException.Kind.UNAVAILABLE, "HTTP 500 InternalError");
        assertThat(server.puts()).hasSize(4);
    }

    /** The SDK's own circuit breaker would stop retrying after about 30 failed puts. */
    @Test
    void everyPutRetriesThreeTimesAfterManyFailures() {
        server.script(request -> Optional.of(StubS3.hangUp()));
        for (int i = 0; i < 40; i++) {
            fails(StoreException.Kind.UNAVAILABLE, "s3://bucket/" + KEY);
        }

        assertThat(server.puts()).hasSize(160);
    }

    @Test
    void lostResponseMakesNoSecondObject() throws Exception {
        server.nextPuts(StubS3.storeAndLoseTheAnswer());

        assertThat(put()).isEqualTo(PutOutcome.ALREADY_STORED);
        assertThat(server.objects()).hasSize(1);
    }

    @Test
    void brokenConnectionIsRetried() throws Exception {
        server.nextPuts(StubS3.hangUp(), StubS3.hangUp());

        assertThat(put()).isEqualTo(PutOutcome.STORED);
    }

    /** Breaks the connection at different points of the body; the client itself survives three breaks. */
    @Test
    void connectionBrokenInTheBodyIsRetriedAndTheObjectStoredOnce() throws Exception {
        for (int kib = 0; kib < 9; kib += 3) {
            server.breakNextBodies(List.of(1_024 * kib, 1_024 * kib + 1_024, 1_024 * kib + 2_048));
            byte[] small = Arrays.copyOf(body, 10_000 + kib);
            String key = KEY + kib;
            assertThat(store.put(key, small, Sha256.of(small), ContentType.GZIP))
                    .as("from %d KiB on", kib)
                    .isEqualTo(PutOutcome.STORED);
            assertThat(server.bodiesToBreak()).isZero();
            assertThat(server.objects().get(key)).isEqualTo(small);
        }
        assertThat(server.puts()).as("complete requests").hasSize(3);
    }

    @Test
    void takenNameWithTheSameBytesIsOurs() throws Exception {
        server.plant(KEY, body);

        assertThat(put()).isEqualTo(PutOutcome.ALREADY_STORED);
        assertThat(server.requests()).extracting(StubS3.Request::method).containsExactly("PUT", "GET");
    }

    /** The client does not repeat it; the next put does. */
    @Test
    void conflictWithAnotherRequestIsTemporary() throws Exception {
        server.nextPuts(error(409, "ConditionalRequestConflict"));

        fails(StoreException.Kind.UNAVAILABLE, "HTTP 409 ConditionalRequestConflict");
        assertThat(put()).isEqualTo(PutOutcome.STORED);
        assertThat(server.puts()).hasSize(2);
        assertThat(server.objects()).hasSize(1);
    }

    /** Every put queries the provider again, so the first one after new credentials are available succeeds. */
    @Test
    void nextPutReplacesExpiredCredentials() throws Exception {
        AtomicReference<AwsCredentials> current =
                new AtomicReference<>(AwsSessionCredentials.create("AKIDOFTESTS", SECRET, "old-token"));
        server.script(request -> request.header("x-amz-security-token").equals("old-token")
                ? Optional.of(error(400, "ExpiredToken"))
                : Optional.empty());
        store.close();
        store = new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        server.uri(),
                        4,
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(20),
                        2,
                        S3Dialect.STRICT),
                current::get);

        fails(StoreException.Kind.UNAVAILABLE, "HTTP 400 ExpiredToken");
        fails(StoreException.Kind.UNAVAILABLE, "HTTP 400 ExpiredToken");
        current.set(AwsSessionCredentials.create("AKIDOFTESTS", SECRET, "new-token"));
        assertThat(put()).isEqualTo(PutOutcome.STORED);
        assertThat(server.puts()).hasSize(3);
    }

    @Test
    void successWithAnErrorInItsBodyIsAFailure() {
        server.nextPuts((exchange, r, s) ->
                StubS3.answer(exchange, 200, "<Error><Code>InternalError</Code><Message>scripted</Message></Error>"));

        fails(StoreException.Kind.UNAVAILABLE, "may not be stored");
    }

    /** The jar has the JDK's XML parser, which has no limit; the tests' class path has one with a limit. */
    @Test
    void nestedErrorBodyIsAFailedRequest() throws Exception {
        String parser = "javax.xml.stream.XMLInputFactory";
        System.setProperty(parser, "com.sun.xml.internal.stream.XMLInputFactoryImpl");
        try {
            for (int status : new int[] {400, 403, 412}) {
                server.script(request ->
                        Optional.of((exchange, r, s) -> StubS3.answer(exchange, status, "<a>".repeat(20_000))));
                for (int i = 0; i < 10; i++) {
                    FutureTask<PutOutcome> put = new FutureTask<>(this::put);
                    // The size of the unit's stacks; each thread has a parser of its own.
                    new Thread(null, put, "put", 512 << 10).start();
                    assertThatThrownBy(put::get)
                            .hasCauseInstanceOf(StoreException.class)
                            .hasMessageContaining("HTTP " + status + " without an error code");
                }
            }
        } finally {
            System.clearProperty(parser);
        }
        server.script(request -> Optional.empty());
        assertThat(put()).as("no connection is lost").isEqualTo(PutOutcome.STORED);
    }

    @Test
    void endlessErrorBodyIsAFailedRequest() {
        server.script(request -> Optional.of((exchange, r, s) -> {
            exchange.sendResponseHeaders(400, 0);
            byte[] mebibyte = new byte[1 << 20];
            for (int i = 0; i < 4_096; i++) {
                exchange.getResponseBody().write(mebibyte);
            }
        }));

        fails(StoreException.Kind.REFUSED, "HTTP 400");
    }

    @Test
    void responseWithAnotherDigestIsAFailure() {
        server.nextPuts((exchange, r, s) -> {
            exchange.getResponseHeaders()
                    .set("x-amz-checksum-sha256", Sha256.of(new byte[1]).base64());
            StubS3.answer(exchange, 200, "");
        });

        fails(StoreException.Kind.UNAVAILABLE, "may not be stored");
    }

    @Test
    void serverWithoutDigestsIsCheckedByETag() throws Exception {
        server.script(request -> Optional.of((exchange, r, s) -> {
            exchange.getResponseHeaders().set("ETag", '"' + StubS3.md5(r.body()) + '"');
            StubS3.answer(exchange, 200, "");
        }));

        assertThat(put()).isEqualTo(PutOutcome.STORED);
    }

    @Test
    void takenNameWithOtherBytesIsNotOverwritten() throws Exception {
        server.plant(KEY, new byte[] {9});

        assertThat(put()).isEqualTo(PutOutcome.NAME_TAKEN);
        assertThat(server.objects().get(KEY)).containsExactly(9);
    }

    @Test
    void unreadableObjectUnderTheNameIsARefusalThatNamesThePermission() {
        server.plant(KEY, body);
        server.script(
                request -> request.method().equals("GET") ? Optional.of(error(403, "AccessDenied")) : Optional.empty());

        fails(StoreException.Kind.REFUSED, "allow this role s3:GetObject on raw/* of the bucket");
    }

    @Test
    void refusedReplacementNamesItsOwnFolder() {
        server.script(request -> Optional.of(error(403, "AccessDenied")));

        assertThatThrownBy(() -> store.replace("quality/a.json", body, Sha256.of(body), ContentType.JSON))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("allow this role s3:PutObject on quality/* of the bucket");
    }

    @ParameterizedTest
    @CsvSource({
        "403, AccessDenied, REFUSED, s3:PutObject",
        "404, NoSuchBucket, REFUSED, RAW_BUCKET",
        "403, InvalidAccessKeyId, REFUSED, credentials",
        "403, SignatureDoesNotMatch, REFUSED, credentials",
        "400, AuthorizationHeaderMalformed, REFUSED, AWS_REGION",
        "400, KMS.DisabledException, REFUSED, KMS.DisabledException",
        "405, MethodNotAllowed, REFUSED, MethodNotAllowed",
        "501, NotImplemented, REFUSED, NotImplemented",
        "400, BadDigest, CORRUPTED, BadDigest",
        "400, ExpiredToken, UNAVAILABLE, ExpiredToken",
        "409, ConditionalRequestConflict, UNAVAILABLE, ConditionalRequestConflict",
        "503, ServiceUnavailable, UNAVAILABLE, ServiceUnavailable",
    })
    void eachRefusalNamesItsKindAndRemedy(int status, String code, StoreException.Kind kind, String remedy) {
        server.script(request -> Optional.of(error(status, code)));

        fails(kind, "s3://bucket/" + KEY + ": HTTP " + status + " " + code);
        fails(kind, remedy);
        assertThat(server.puts()).as("requests of two puts").hasSize(status == 503 ? 8 : 2);
        assertThat(server.objects()).isEmpty();
    }

    @Test
    void refusalNamesTheRegionOfTheBucket() {
        server.script(request -> Optional.of(error(301, "PermanentRedirect", "x-amz-bucket-region", "eu-central-1")));

        fails(StoreException.Kind.REFUSED, "the bucket is in eu-central-1, set AWS_REGION");
    }

    @Test
    void clientCorrectsAWrongClock() throws Exception {
        server.nextPuts(error(403, "RequestTimeTooSkewed"));

        assertThat(put()).isEqualTo(PutOutcome.STORED);
        assertThat(server.puts()).hasSize(2);
    }

    @Test
    void storeThatNeverRespondsTimesOut() {
        server.script(request -> Optional.of((exchange, r, s) -> {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        try (ObjectStore impatient = new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        server.uri(),
                        2,
                        Duration.ofMillis(300),
                        Duration.ofSeconds(2),
                        2,
                        S3Dialect.STRICT),
                AnonymousCredentialsProvider.create())) {
            assertThatThrownBy(() -> impatient.put(KEY, body, Sha256.of(body), ContentType.GZIP))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
        }
    }

    @Test
    void unreachableServerIsUnavailable() {
        try (ObjectStore nowhere = S3Stores.of(URI.create("http://127.0.0.1:1"), "bucket", "key", "secret")) {
            assertThatThrownBy(() -> nowhere.put(KEY, body, Sha256.of(body), ContentType.GZIP))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.UNAVAILABLE));
        }
    }

    @Test
    void missingCredentialsAreReportedInOneLine() {
        AwsCredentialsProvider none = () -> {
            throw SdkClientException.create("Unable to load credentials from any of the providers in the chain "
                    + "AwsCredentialsProviderChain(\n" + "x".repeat(2_000)
                    + ") : [EnvironmentVariableCredentialsProvider(): Access key must be specified]");
        };
        try (ObjectStore bare = new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        server.uri(),
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        1,
                        S3Dialect.STRICT),
                AwsClients.explaining(none))) {
            assertThatThrownBy(() -> bare.put(KEY, body, Sha256.of(body), ContentType.GZIP))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.kind()).isEqualTo(StoreException.Kind.REFUSED);
                        assertThat(e.getMessage()).contains("attach a role").hasSizeLessThan(300);
                        assertThat(e.getMessage()).doesNotContain("\n");
                    });
        }
    }

    private void fails(StoreException.Kind kind, String words) {
        assertThatThrownBy(this::put).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(words).hasSizeLessThan(900).doesNotContain("\n");
            assertThat(e.getMessage()).doesNotContain(SECRET, "AKIDOFTESTS");
        });
    }
}
