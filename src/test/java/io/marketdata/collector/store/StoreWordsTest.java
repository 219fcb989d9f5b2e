package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.route.S3Dialect.Addressing;
import io.marketdata.collector.route.S3Dialect.Checksum;
import io.marketdata.collector.route.S3Dialect.ConditionalPut;
import io.marketdata.collector.route.S3Dialect.Encryption;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.StoreKind;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.StubS3.Answer;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.StoreException.Kind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a failure says: the store's own words, cut and escaped, and then what to do. */
@Isolated("reads the log of a class that other tests use")
class StoreWordsTest {

    private static final byte[] BODY = {1, 2, 3};
    private static final String MESSAGE = "Server side encryption specified but KMS is not configured";

    private StubS3 server;

    @BeforeEach
    void start() throws IOException {
        server = new StubS3();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private StoreException failure(S3Dialect dialect) {
        try (ObjectStore store = S3Stores.of(server.uri(), "bucket", "key", "secret", dialect)) {
            return catchThrowableOfType(
                    StoreException.class, () -> store.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP));
        }
    }

    private StoreException failure(Answer answer) {
        server.script(request -> Optional.of(answer));
        return failure(S3Dialect.STRICT);
    }

    private static Answer xml(int status, String inside, String... headers) {
        return (exchange, request, stub) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            StubS3.answer(exchange, status, "<?xml version=\"1.0\"?><Error>" + inside + "</Error>");
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 307, 400, 401, 403, 404, 405, 409, 411, 429, 500, 501, 503})
    void codeMessageAndSubjectOfTheStoreAreShownForEveryStatus(int status) {
        StoreException e = failure(xml(
                status,
                "<Code>Odd</Code><Message>the store&apos;s own words</Message><Header>X-Odd</Header>"
                        + "<BucketName>bucket</BucketName>"));

        assertThat(e)
                .hasMessageContaining("s3://bucket/raw/x: HTTP " + status + " Odd, \"the store's own words\""
                        + " (Header X-Odd, BucketName bucket)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "501 | NotImplemented | " + MESSAGE + " | | S3_ENCRYPTION=none",
                "500 | InternalError | Io error: No KMS key available | | S3_ENCRYPTION=none",
                "400 | KMS.DisabledException | key is disabled | | check the KMS key",
                "400 | InvalidRequest | Requests specifying Server Side Encryption with AWS KMS managed keys must be"
                        + " made over a secure connection. | | https://",
                "501 | NotImplemented | A header you provided implies functionality that is not implemented |"
                        + " <Header>If-None-Match</Header> | S3_CONDITIONAL_PUT=check",
                "501 | NotImplemented | A header you provided implies functionality that is not implemented | |"
                        + " run doctor",
                "400 | InvalidArgument | Unsupported header 'x-amz-checksum-sha256' received for this API call. | |"
                        + " S3_CHECKSUM=content-md5",
                "403 | SecondLevelDomainForbidden | Please use virtual hosted style to access. | |"
                        + " S3_ADDRESSING=virtual",
                "404 | NoSuchBucket | none | <BucketName>raw</BucketName> | S3_ADDRESSING=virtual",
                "404 | NoSuchBucket | none | <BucketName>bucket</BucketName> | create the bucket",
                "400 | AuthorizationHeaderMalformed | the region 'us-east-1' is wrong | <Region>eu-west-3</Region> |"
                        + " the bucket is in eu-west-3",
                "403 | AccessDenied | with an explicit deny in a resource-based policy | | S3_ENCRYPTION=aws:kms",
                "403 | AccessDenied | not authorized to perform: kms:GenerateDataKey | | and kms:GenerateDataKey",
                "403 | SignatureDoesNotMatch | differs | | the secret key does not match",
                "403 | InvalidAccessKeyId | unknown | | correct them or attach a role",
            })
    void eachKindOfRefusalHasItsRemedy(int status, String code, String message, String more, String remedy) {
        StoreException e = failure(xml(
                status,
                "<Code>" + code + "</Code><Message>" + message.strip() + "</Message>" + (more == null ? "" : more)));

        assertThat(e.kind()).isEqualTo(Kind.REFUSED);
        assertThat(e.fault()).contains(code, message.strip().substring(0, Math.min(4, message.length())));
        assertThat(e.remedy()).contains(remedy.strip());
    }

    @Test
    void redirectNamesItsTarget() {
        assertThat(failure(xml(307, "<Code>TemporaryRedirect</Code>", "Location", "https://elsewhere/x")))
                .hasMessageContaining("redirects to https://elsewhere/x");
        assertThat(failure(xml(301, "<Code>PermanentRedirect</Code>", "x-amz-bucket-region", "eu-central-1")))
                .hasMessageContaining("the bucket is in eu-central-1, set AWS_REGION");
    }

    @ParameterizedTest
    @CsvSource({"403, REFUSED", "404, REFUSED", "502, UNAVAILABLE", "503, UNAVAILABLE"})
    void webPageIsNotTakenForAnAnswerOfTheStore(int status, Kind kind) {
        String page = "<!DOCTYPE html>\n<html><head><title>Blocked by policy</title></head><body><a><b>x</body></html>";
        StoreException e = failure((exchange, request, stub) -> StubS3.answer(exchange, status, page));

        assertThat(e.kind()).isEqualTo(kind);
        assertThat(e)
                .hasMessageContaining("HTTP " + status + " with an HTML page, \"blocked by policy\"")
                .hasMessageContaining("a proxy, a firewall or a web server");
    }

    @Test
    void compressedErrorIsRead() {
        StoreException e = failure((exchange, request, stub) -> {
            ByteArrayOutputStream zipped = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
                out.write("<Error><Code>Zipped</Code></Error>".getBytes(StandardCharsets.UTF_8));
            }
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(400, zipped.size());
            exchange.getResponseBody().write(zipped.toByteArray());
        });

        assertThat(e).hasMessageContaining("HTTP 400 Zipped");
    }

    @Test
    void wordsAreCutAndEscaped() {
        StoreException e = failure(xml(
                400,
                "<Code>" + "C".repeat(2_000) + "</Code><Message>\u001b[31m\r\nfaked line &#10; \u202e"
                        + "m".repeat(10_000) + "</Message><BucketName>" + "b".repeat(5_000) + "</BucketName>"));

        assertThat(e.getMessage()).hasSizeLessThan(1_000).matches("[ -~]*");
    }

    /** A path-only server takes the first folder of the key for the bucket. */
    @Test
    void wrongAddressingIsRecognisedByTheBucketThatTheStoreNames() {
        URI endpoint = URI.create("http://store.internal:" + server.uri().getPort());
        server.script(request -> Optional.of(xml(404, "<Code>NoSuchBucket</Code><BucketName>raw</BucketName>")));
        try (ObjectStore store =
                S3Stores.of(endpoint, "bucket", "key", "secret", S3Dialect.STRICT.with(Addressing.VIRTUAL))) {
            assertThatThrownBy(() -> store.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP))
                    .hasMessageContaining("a bucket named raw; set S3_ADDRESSING=path");
        }
    }

    @Test
    void hostThatNoNameServerKnowsIsExplained() {
        try (ObjectStore store = S3Stores.of(
                URI.create("http://store.invalid:9"),
                "bucket",
                "key",
                "secret",
                S3Dialect.STRICT.with(Addressing.VIRTUAL))) {
            assertThatThrownBy(() -> store.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
                        assertThat(e.remedy()).contains("S3_ADDRESSING=path");
                    });
        }
    }

    /** The store's own words with the default settings: what an operator of such a store sees first. */
    @ParameterizedTest
    @EnumSource(
            value = StoreKind.class,
            names = {"AWS_WITH_KMS_POLICY", "MINIO_WITHOUT_KMS", "RUSTFS_WITHOUT_KMS", "BACKBLAZE_B2", "CLOUDFLARE_R2"})
    void refusalOfEachStoreNamesASetting(StoreKind kind) {
        server.like(kind);

        assertThat(failure(S3Dialect.STRICT).remedy()).containsPattern("S3_[A-Z_]+=");
    }

    @Test
    void checkNeedsPermissionToSeeThatAnObjectIsMissing() {
        server.script(request -> request.method().equals("HEAD")
                ? Optional.of((exchange, r, s) -> exchange.sendResponseHeaders(403, -1))
                : Optional.empty());

        assertThat(failure(S3Dialect.STRICT.with(ConditionalPut.CHECK)))
                .hasMessageContaining("HTTP 403 without an error code")
                .hasMessageContaining("s3:GetObject and s3:ListBucket");
        assertThat(server.puts()).isEmpty();
    }

    /** The answer to the first put is lost and the client repeats it: without a condition, the same bytes again. */
    @Test
    void checkLooksBeforeEachPutAndNeverPutsOverAnObject() throws Exception {
        server.like(StoreKind.SEAWEEDFS_3_96);
        server.plant("raw/other", new byte[] {9});
        try (ObjectStore store =
                S3Stores.of(server.uri(), "bucket", "key", "secret", S3Dialect.STRICT.with(ConditionalPut.CHECK))) {
            assertThat(store.put("raw/other", BODY, Sha256.of(BODY), ContentType.GZIP))
                    .isEqualTo(PutOutcome.NAME_TAKEN);
            assertThat(server.puts()).isEmpty();
            server.nextPuts(StubS3.storeAndLoseTheAnswer());
            assertThat(store.put("raw/new", BODY, Sha256.of(BODY), ContentType.GZIP))
                    .isEqualTo(PutOutcome.STORED);
        }
    }

    @Test
    void requestHasWhatTheDialectSays() throws Exception {
        server.script(request -> Optional.of((exchange, r, s) -> {
            exchange.getResponseHeaders().set("ETag", '"' + StubS3.md5(r.body()) + '"');
            StubS3.answer(exchange, 200, "");
        }));
        S3Dialect kms =
                S3Dialect.STRICT.with(Encryption.parse("AWS:KMS:alias/Trades")).with(Checksum.CONTENT_MD5);
        for (S3Dialect dialect : new S3Dialect[] {
            S3Dialect.STRICT, kms, S3Dialect.STRICT.with(Encryption.NONE).with(Checksum.NONE)
        }) {
            try (ObjectStore store = S3Stores.of(server.uri(), "bucket", "key", "secret", dialect)) {
                store.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP);
            }
        }

        assertThat(server.puts())
                .extracting(
                        put -> put.header("x-amz-server-side-encryption"),
                        put -> put.header("x-amz-server-side-encryption-aws-kms-key-id"),
                        put -> put.header("x-amz-checksum-sha256").isEmpty(),
                        put -> put.header("content-md5").isEmpty(),
                        put -> put.header("x-amz-trailer") + put.header("content-encoding"))
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("AES256", "", false, true, ""),
                        org.assertj.core.groups.Tuple.tuple("aws:kms", "alias/Trades", true, false, ""),
                        org.assertj.core.groups.Tuple.tuple("", "", true, true, ""));
    }

    @Test
    void startSaysOnceWhatIsWeaker() throws Exception {
        try (LogLines log = new LogLines(S3ObjectStore.class)) {
            S3Stores.of(server.uri(), "bucket", "key", "secret", S3Dialect.STRICT.with(Encryption.NONE))
                    .close();
            assertThat(log.all()).isEmpty();
            S3Stores.of(
                            server.uri(),
                            "bucket",
                            "key",
                            "secret",
                            S3Dialect.STRICT.with(ConditionalPut.CHECK).with(Checksum.NONE))
                    .close();
            assertThat(log.all())
                    .singleElement()
                    .asString()
                    .contains("s3://bucket", "overwrite one another", "INSTANCE_ID", "SHA-256", "read back");
        }
    }
}
