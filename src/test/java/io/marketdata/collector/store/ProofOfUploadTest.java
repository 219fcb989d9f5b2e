package io.marketdata.collector.store;

import static io.marketdata.collector.testkit.StubS3.error;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.testkit.StubS3.Answer;
import io.marketdata.collector.testkit.StubS3.Proof;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/**
 * Every way in which a store can describe an object × whose object has the name × every way in which it can be read
 * back: the same bytes are ours, other bytes are another's, and what cannot be told is a failure that changes nothing.
 */
@Tag("long")
@Isolated("reads the log of a class that other tests use")
class ProofOfUploadTest {

    private static final byte[] BODY = new byte[10_000];

    static {
        new Random(3).nextBytes(BODY);
    }

    private static StubS3 server;
    private static ObjectStore store;
    private static int names;

    private String key;

    /** How the store describes an object, and whether that proves anything about its bytes. */
    enum Description {
        LIKE_S3(
                true,
                body -> '"' + StubS3.md5(body) + '"',
                body -> Sha256.of(body).base64()),
        DIGEST_AND_NO_MD5(
                true,
                body -> "\"d41d8cd98f00b204e9800998ecf8427e\"",
                body -> Sha256.of(body).base64()),
        MD5(true, body -> '"' + StubS3.md5(body) + '"', body -> null),
        MD5_UPPER_CASE(true, body -> '"' + StubS3.md5(body).toUpperCase(Locale.ROOT) + '"', body -> null),
        MD5_UNQUOTED(true, StubS3::md5, body -> null),
        MD5_WEAK(true, body -> "W/\"" + StubS3.md5(body) + '"', body -> null),
        NOTHING(false, body -> null, body -> null),
        EMPTY_ETAG(false, body -> "\"\"", body -> null),
        OTHER_HEX(false, body -> "\"9b2cf535f27731c974343645a3985328\"", body -> null),
        PIECES(
                false,
                body -> '"' + StubS3.md5(body) + "-1\"",
                body -> Sha256.of(body).base64() + "-1"),
        NO_HEX(false, body -> "\"00000187-c0ffee\"", body -> null);

        private final boolean proves;
        private final Text eTag;
        private final Text checksum;

        Description(boolean proves, Text eTag, Text checksum) {
            this.proves = proves;
            this.eTag = eTag;
            this.checksum = checksum;
        }

        Proof proof() {
            return (headers, body) -> {
                Optional.ofNullable(eTag.of(body)).ifPresent(text -> headers.set("ETag", text));
                Optional.ofNullable(checksum.of(body)).ifPresent(text -> headers.set("x-amz-checksum-sha256", text));
            };
        }
    }

    private interface Text {
        @Nullable
        String of(byte[] body);
    }

    /** Whose object has the name when the put arrives. */
    enum Before {
        FREE(body -> new byte[0]),
        OURS(body -> body),
        OTHER_BYTE(body -> {
            byte[] other = body.clone();
            other[body.length - 1] ^= 1;
            return other;
        }),
        SHORTER(body -> Arrays.copyOf(body, body.length - 1)),
        LONGER(body -> Arrays.copyOf(body, 3 * body.length)),
        EMPTY(body -> new byte[0]);

        private final UnaryOperator<byte[]> object;

        Before(UnaryOperator<byte[]> object) {
            this.object = object;
        }
    }

    /** How the store answers a GET, and whether that tells what the object is. */
    enum Read {
        WHOLE(true, null),
        FORBIDDEN(false, error(403, "AccessDenied")),
        BROKEN(false, error(500, "InternalError")),
        MISSING(false, error(404, "NoSuchKey")),
        NOT_SUPPORTED(false, error(501, "NotImplemented")),
        NO_ANSWER(false, StubS3.hangUp()),
        CUT(false, (exchange, request, server) -> cut(exchange, server.objects().get(request.key())));

        private final boolean tells;
        private final @Nullable Answer answer;

        Read(boolean tells, @Nullable Answer answer) {
            this.tells = tells;
            this.answer = answer;
        }

        private static void cut(HttpExchange exchange, byte[] body) throws IOException {
            exchange.sendResponseHeaders(200, body.length + 1);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().flush();
        }
    }

    record Case(Description description, Before before, Read read) {

        /** What must come of it: an outcome, or "failed". */
        String expected() {
            boolean isProven = before == Before.FREE && description.proves;
            // Of a longer object, the bytes before the cut show that it is another.
            boolean isTold = read.tells || (read == Read.CUT && before == Before.LONGER);
            if (!isProven && !isTold) {
                return "failed";
            }
            return switch (before) {
                case FREE -> "STORED";
                case OURS -> "ALREADY_STORED";
                default -> "NAME_TAKEN";
            };
        }
    }

    static Stream<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Description description : Description.values()) {
            for (Before before : Before.values()) {
                for (Read read : Read.values()) {
                    cases.add(new Case(description, before, read));
                }
            }
        }
        return cases.stream();
    }

    @BeforeAll
    static void start() throws IOException {
        server = new StubS3();
        store = store();
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    private static S3ObjectStore store() {
        return new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        server.uri(),
                        1,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(9),
                        2,
                        S3Dialect.STRICT),
                AnonymousCredentialsProvider.create());
    }

    /** Every test has a name of its own, because building a client takes longer than the test. */
    @BeforeEach
    void chooseName() {
        key = "raw/part-a-" + ++names + "-";
        server.script(request -> Optional.empty());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void oursIsProvenTakenIsKnownAndDoubtIsAFailure(Case tried) {
        server.describeObjects(tried.description.proof());
        if (tried.before != Before.FREE) {
            server.plant(key, tried.before.object.apply(BODY));
        }
        server.script(
                request -> request.method().equals("GET") ? Optional.ofNullable(tried.read.answer) : Optional.empty());

        assertThat(put()).isEqualTo(tried.expected());

        assertThat(server.objects().keySet().stream().filter(name -> name.startsWith(key)))
                .as("no second object")
                .containsExactly(key);
        assertThat(server.objects().get(key))
                .as("nothing is overwritten")
                .isEqualTo(tried.before == Before.FREE ? BODY : tried.before.object.apply(BODY));
        server.script(request -> Optional.empty());
        assertThat(put())
                .as("the next put, when the object can be read")
                .isEqualTo(
                        tried.before == Before.FREE || tried.before == Before.OURS ? "ALREADY_STORED" : "NAME_TAKEN");
    }

    /** A gateway that changes bytes must not make us store them again and again under new names. */
    @Test
    void nameOfAPutThatWasAnsweredWithSuccessIsNotTaken() {
        server.describeObjects(Description.NOTHING.proof());
        server.nextPuts((exchange, request, stub) -> {
            stub.plant(request.key(), new byte[] {1});
            StubS3.answer(exchange, 200, "");
        });

        assertThat(put()).isEqualTo("failed");
        assertThat(put()).isEqualTo("failed");
    }

    @Test
    void logSaysOnceThatTheAnswersOfThisStoreProveNothing() throws Exception {
        server.describeObjects(Description.NO_HEX.proof());
        try (LogLines log = new LogLines(S3ObjectStore.class);
                ObjectStore fresh = store()) {
            for (int i = 0; i < 3; i++) {
                fresh.put(key + i, BODY, Sha256.of(BODY), ContentType.GZIP);
            }

            assertThat(log.all())
                    .singleElement()
                    .asString()
                    .contains("read back", "s3:GetObject", "x-amz-checksum-sha256", "s3://bucket");
        }
    }

    private String put() {
        try {
            return store.put(key, BODY, Sha256.of(BODY), ContentType.GZIP).name();
        } catch (StoreException e) {
            return "failed";
        }
    }
}
