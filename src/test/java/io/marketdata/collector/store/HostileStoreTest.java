package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.route.S3Dialect.ConditionalPut;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.HostileServer.Peer;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.StoreException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;

/**
 * Answers that no store should give, byte by byte, to HEAD, PUT and GET: each is a failed upload with a message of one
 * bounded line, never an error that ends the thread, and never a success or a taken name.
 */
@Tag("long")
class HostileStoreTest {

    private static final byte[] BODY = {1, 2, 3};

    private HostileServer server;
    private ObjectStore store;

    @BeforeEach
    void start() throws Exception {
        server = HostileServer.start(peer -> {});
        URI endpoint = URI.create("http://127.0.0.1:" + server.uri().getPort());
        store = new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        endpoint,
                        1,
                        Duration.ofMillis(1_500),
                        Duration.ofSeconds(3),
                        2,
                        S3Dialect.STRICT),
                AnonymousCredentialsProvider.create());
    }

    @AfterEach
    void stop() throws Exception {
        store.close();
        server.close();
    }

    /** An answer that has no end, or is not what it says. */
    enum Hostile {
        NOTHING(""),
        NO_HTTP("SSH-2.0-OpenSSH_9.2\r\n"),
        ENDLESS_INTERIM("", "HTTP/1.1 100 Continue\r\n\r\n"),
        ENDLESS_HEADERS("HTTP/1.1 400 X\r\n", "x-amz-meta-a: b\r\n"),
        ENDLESS_HEADER("HTTP/1.1 400 X\r\nx-amz-request-id: ", "aaaaaaaaaaaaaaaa"),
        ENDLESS_STATUS("HTTP/1.1 400 ", "aaaaaaaaaaaaaaaa"),
        ENDLESS_NESTING("HTTP/1.1 403 X\r\n\r\n", "<a>"),
        ENDLESS_CHUNKS("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\n<a>\r\n"),
        ENDLESS_CHUNK_SIZE("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n", "0000000000000000"),
        ENDLESS_TRAILER("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "x-amz-a: b\r\n"),
        ENDLESS_SUCCESS("HTTP/1.1 200 OK\r\nETag: \"x\"\r\n\r\n", "<Error><Code>InternalError</Code>"),
        MORE_ANNOUNCED("HTTP/1.1 403 X\r\nContent-Length: 99999\r\n\r\n<Error><Code>A</Code></Error>"),
        LESS_ANNOUNCED("HTTP/1.1 403 X\r\nContent-Length: 5\r\n\r\n<Error><Code>A</Code></Error>"),
        NO_LENGTH("HTTP/1.1 403 X\r\nContent-Length: many\r\n\r\n<Error/>"),
        NEGATIVE_LENGTH("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        HUGE_LENGTH("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\nETag: \"x\"\r\n\r\nabc"),
        TWO_LENGTHS("HTTP/1.1 400 X\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\nabcdefghi"),
        NO_GZIP("HTTP/1.1 403 X\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
        ENTITIES(
                "HTTP/1.1 403 X\r\nConnection: close\r\n\r\n<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\"><!ENTITY c \"&b;&b;&b;\">"
                        + "<!ENTITY d SYSTEM \"file:///etc/passwd\">]><Error><Code>&c;</Code><Message>&d;</Message></Error>"),
        ODD_HEADERS("HTTP/1.1 200 OK\r\nETag: \"x\"\r\nLast-Modified: never\r\nx-amz-missing-meta: many\r\n"
                + "x-amz-server-side-encryption-bucket-key-enabled: maybe\r\nx-amz-object-size: -x\r\nExpires: 0\r\n"
                + "x-amz-object-lock-retain-until-date: tomorrow\r\nContent-Length: 0\r\n\r\n"),
        ODD_STATUS("HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n"),
        SWITCHED("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        REDIRECT_TO_ITSELF("HTTP/1.1 307 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
        WANTS_A_PASSWORD("HTTP/1.1 401 X\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n"),
        WANTS_A_PROXY_PASSWORD("HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");

        private final String start;
        private final String repeated;

        Hostile(String start) {
            this(start, "");
        }

        Hostile(String start, String repeated) {
            this.start = start;
            this.repeated = repeated;
        }

        void answer(Peer peer) throws Exception {
            peer.request();
            peer.send(start.getBytes(StandardCharsets.ISO_8859_1));
            byte[] many = repeated.repeat(4_096).getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; many.length > 0 && i < 100_000; i++) {
                peer.send(many);
            }
            peer.pause(50); // a close with unread bytes takes back what was sent
        }
    }

    @ParameterizedTest
    @EnumSource(Hostile.class)
    void hostileAnswerIsAFailedUpload(Hostile hostile) {
        server.behave(hostile::answer);

        assertThat(put(store)).startsWith("failed: s3://bucket/raw/x").hasSizeLessThan(1_000);
    }

    @ParameterizedTest
    @EnumSource(Hostile.class)
    void hostileAnswerToTheCheckBeforeAPutIsAFailedUpload(Hostile hostile) throws Exception {
        server.behave(hostile::answer);
        URI endpoint = URI.create("http://127.0.0.1:" + server.uri().getPort());
        try (ObjectStore checking = new S3ObjectStore(
                new S3Options(
                        "bucket",
                        "us-east-1",
                        endpoint,
                        1,
                        Duration.ofMillis(1_500),
                        Duration.ofSeconds(3),
                        2,
                        S3Dialect.STRICT.with(ConditionalPut.CHECK)),
                AnonymousCredentialsProvider.create())) {
            assertThat(put(checking)).startsWith("failed: s3://bucket/raw/x").hasSizeLessThan(1_000);
        }
    }

    /** A byte at a time, so that no read ever times out. */
    @Test
    void slowAnswerEndsAtTheTimeLimitOfTheRequest() {
        server.behave(peer -> {
            peer.request();
            peer.send("HTTP/1.1 403 X\r\nContent-Length: 9999\r\n\r\n").drip(new byte[9_999], 100);
        });

        assertThat(put(store)).startsWith("failed: s3://bucket/raw/x");
    }

    /** Pieces of answers in any order, cut anywhere: whatever they make, the next good answer stores the object. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void randomAnswersNeverEndTheThreadNorProveAnything(long seed) {
        List<String> pieces = List.of(
                "HTTP/1.1 ",
                "200 OK\r\n",
                "403 X\r\n",
                "412 X\r\n",
                "503 X\r\n",
                "404 X\r\n",
                "\r\n",
                "\r\n\r\n",
                "Content-Length: 3\r\n",
                "Content-Length: 300\r\n",
                "Transfer-Encoding: chunked\r\n",
                "3\r\nabc\r\n",
                "0\r\n\r\n",
                "ETag: \"x\"\r\n",
                "x-amz-checksum-sha256: AAAA\r\n",
                "Content-Encoding: gzip\r\n",
                "<Error>",
                "<Code>",
                "NoSuchKey",
                "PreconditionFailed",
                "</Code>",
                "<![CDATA[",
                "]]>",
                "<!DOCTYPE html>",
                "&amp;",
                "&#x0;",
                "\u0000",
                "\u00ff",
                "<a>".repeat(5_000),
                "</Error>",
                "Connection: close\r\n");
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            StringBuilder answer = new StringBuilder(random.nextInt(4) == 0 ? "" : "HTTP/1.1 ");
            for (int n = random.nextInt(14); n > 0; n--) {
                answer.append(pieces.get(random.nextInt(pieces.size())));
            }
            byte[] bytes = answer.toString().getBytes(StandardCharsets.ISO_8859_1);
            server.behave(peer -> {
                peer.request();
                peer.send(bytes).pause(5);
            });
            assertThat(put(store)).as("%s", answer).startsWith("failed: ").hasSizeLessThan(1_000);
        }
        String good = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-amz-checksum-sha256: "
                + Sha256.of(BODY).base64() + "\r\nConnection: close\r\n\r\n";
        server.behave(peer -> {
            peer.request();
            peer.send(good).ignore();
        });
        assertThat(put(store)).isEqualTo(PutOutcome.STORED.name());
    }

    private static String put(ObjectStore store) {
        try {
            return store.put("raw/x", BODY, Sha256.of(BODY), ContentType.GZIP).name();
        } catch (StoreException e) {
            return "failed: " + e.getMessage();
        }
    }
}
