package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.FeedConnection.Phase;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.route.ProxyRule;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.FreePort;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.HostileServer.Behaviour;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile servers: a connection always ends in time, with a helpful reason, and leaves no thread behind. */
class FeedConnectionTest {

    private static final Duration CONNECT = Duration.ofMillis(200);
    private static final Duration IDLE_TIMEOUT = Duration.ofMillis(300);
    private static final int MAX_FRAME = 1 << 20;

    /** Far above the time-outs. */
    private static final long PATIENCE_MS = 10_000;

    private final FakeSink sink = new FakeSink();
    private final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final FeedMetrics metrics = new FeedMetrics(new Metrics());
    /** The library's threads are born into the group of the connection's thread. */
    private final ThreadGroup group = new ThreadGroup("connections");

    private final List<Thread> threads = new ArrayList<>();
    private final List<FeedConnection> connections = new ArrayList<>();

    @AfterEach
    void noThreadIsLeft() throws Exception {
        for (Thread thread : threads) {
            thread.join(PATIENCE_MS);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
        Await.until("the end of the library's threads", () -> group.activeCount() == 0);
    }

    private static FeedOptions options(URI server, Duration connect, Duration idleTimeout) {
        return new FeedOptions(
                List.of(server),
                null,
                1,
                connect,
                idleTimeout,
                MAX_FRAME,
                new Backoff(Duration.ofHours(1), Duration.ofHours(1)),
                60,
                Duration.ofHours(12),
                Duration.ofHours(23),
                Duration.ZERO,
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                ProxyRule.DIRECT);
    }

    private FeedConnection connection(URI server, FeedOptions options) {
        LineArbiter arbiter = new LineArbiter(
                Trades.BTCUSDT, sink, new LineArbiter.Limits(1_000, Duration.ofHours(1)), Time.SYSTEM, metrics);
        FeedConnection connection = new FeedConnection(
                1,
                "connection 1." + (connections.size() + 1),
                server,
                new StreamSet(List.of(Trades.BTCUSDT)),
                options,
                List.of(arbiter),
                sink,
                List.of(new TradeTimeCheck()),
                Time.SYSTEM,
                () -> 0,
                faults::add,
                new ThreadProgress("connection-1." + (connections.size() + 1)),
                new FeedLog(Time.SYSTEM));
        connections.add(connection);
        Thread thread = new Thread(group, connection::run, connection.name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return connection;
    }

    private FeedConnection connection(URI server) {
        return connection(server, options(server, CONNECT, IDLE_TIMEOUT));
    }

    /** The end of a connection that ends by itself. */
    private ConnectionEnd.Outcome end(FeedConnection connection) throws InterruptedException {
        Thread thread = threads.get(connections.indexOf(connection));
        thread.join(PATIENCE_MS);
        assertThat(thread.isAlive()).as("still running").isFalse();
        assertThat(connection.phase()).isEqualTo(Phase.ENDED);
        return connection.end();
    }

    private ConnectionEnd.Outcome endAgainst(Behaviour behaviour) throws Exception {
        try (HostileServer server = HostileServer.start(behaviour)) {
            return end(connection(server.uri()));
        }
    }

    /** The end of a connection that only the feed line ends. */
    private ConnectionEnd.Outcome endInAFeedLine(Behaviour behaviour) throws Exception {
        try (HostileServer server = HostileServer.start(behaviour)) {
            FeedOptions options = options(server.uri(), CONNECT, IDLE_TIMEOUT);
            FeedLine line = new FeedLine(
                    1,
                    1,
                    List.of(),
                    options,
                    new Endpoints(options.servers(), null),
                    new ConnectBudget(1),
                    (name, uri) -> connection(uri),
                    Time.SYSTEM,
                    () -> 0.5,
                    metrics,
                    new FeedLog(Time.SYSTEM));
            line.tick();
            long began = System.nanoTime();
            while (connections.get(0).phase() != Phase.ENDED && System.nanoTime() - began < PATIENCE_MS * 1_000_000) {
                line.tick();
                TimeUnit.MILLISECONDS.sleep(5);
            }
            return end(connections.get(0));
        }
    }

    @Test
    void serverThatNeverAnswersTimesOut() throws Exception {
        assertThat(endAgainst(HostileServer.Peer::hang))
                .isEqualTo(new ConnectionEnd.Outcome(EndCause.UNREACHABLE, 0, -1, "no answer within 200 ms"));
    }

    @Test
    void feedLineCutsDrippingHandshake() throws Exception {
        assertThat(endInAFeedLine(peer -> peer.drip(peer.welcome(""), 50)).reason())
                .isEqualTo("not connected within 200 ms");
    }

    @Test
    void endlessHttpHeadIsRejectedBeforeItFillsTheMemory() throws Exception {
        ConnectionEnd.Outcome end = endAgainst(peer -> {
            peer.request();
            peer.send("HTTP/1.1 101 Switching Protocols\r\n");
            while (true) {
                peer.send("X-More: " + "x".repeat(1_000) + "\r\n");
            }
        });

        assertThat(end.reason()).contains("no end of the HTTP head");
    }

    @Test
    void serverThatSendsNothingHitsTheIdleTimeout() throws Exception {
        assertThat(endAgainst(peer -> peer.open().hang()))
                .isEqualTo(new ConnectionEnd.Outcome(EndCause.IDLE, 0, -1, "no frame for 0 s"));
    }

    @Test
    void serverThatStopsInsideAFrameHitsTheIdleTimeout() throws Exception {
        byte[] frame = HostileServer.text(Trades.json(Trades.BTCUSDT, 7, 1_736_950_336_567L));

        ConnectionEnd.Outcome end = endAgainst(peer -> peer.open()
                .send(HostileServer.text(Trades.json(Trades.BTCUSDT, 6, 1_736_950_336_567L)))
                .send(Arrays.copyOf(frame, frame.length / 2))
                .hang());

        assertThat(end.reason()).isEqualTo("no frame for 0 s");
        assertThat(sink.written).containsExactly(6L);
        assertThat(sink.rejected).isEmpty();
    }

    @Test
    void everySpellingOfATradeIsRecordedAsItWasSent() throws Exception {
        List<String> sent = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int id = 0; id < 573; id++) {
            long now = Time.SYSTEM.epochMillis();
            String event = Trades.json(Trades.BTCUSDT, id, now);
            String micros =
                    event.replace(":" + now, ":" + now + "123").replace(":" + (now + 1), ":" + (now + 1) + "045");
            String chosen = List.of(
                            event, micros, event.replace("\"t\"", "\"\\u0074\"").replace(",", " ,"))
                    .get(id % 3);
            expected.add(chosen);
            sent.add(List.of(chosen + "\n", "\ufeff" + chosen.replace(",", "\r\n,"), " {\"data\":" + chosen + "}\t")
                    .get(id / 3 % 3));
        }
        endAgainst(peer -> {
            peer.open();
            for (String frame : sent) {
                peer.send(HostileServer.text(frame));
            }
            peer.hang();
        });

        assertThat(sink.events).isEqualTo(expected);
        assertThat(sink.rejected).isEmpty();
    }

    @Test
    void tradeWhoseTimeLeapsIsKeptApart() throws Exception {
        long now = Time.SYSTEM.epochMillis();
        String leapt = Trades.json(Trades.BTCUSDT, 8, now - Duration.ofHours(30).toMillis());

        endAgainst(peer -> peer.open()
                .send(HostileServer.text(Trades.json(Trades.BTCUSDT, 7, now)))
                .send(HostileServer.text(leapt))
                .send(HostileServer.text(Trades.json(Trades.BTCUSDT, 9, now)))
                .hang());

        assertThat(sink.written).containsExactly(7L, 9L);
        assertThat(sink.rejected)
                .containsExactly(
                        "a trade whose time T is more than 12 h from now and from the trades before: " + leapt);
    }

    @Test
    void feedLineCutsEndlesslyDrippingFrame() throws Exception {
        byte[] frame = HostileServer.frame(0x81, new byte[MAX_FRAME - 1]);

        assertThat(endInAFeedLine(peer -> peer.open().drip(frame, 10)).reason()).isEqualTo("no frame for 0 s");
    }

    @Test
    void feedLineCutsEndlessFragments() throws Exception {
        ConnectionEnd.Outcome end = endInAFeedLine(peer -> {
            peer.open().send(HostileServer.frame(0x01, new byte[] {'{'}));
            while (true) {
                peer.send(HostileServer.frame(0x00, new byte[] {' '})).pause(10);
            }
        });

        assertThat(end.reason()).isEqualTo("no frame for 0 s");
    }

    @Test
    void frameAnnouncedWithTwoGibibytesEndsTheConnectionAndTakesNoMemory() throws Exception {
        byte[] header = ByteBuffer.allocate(10)
                .put((byte) 0x81)
                .put((byte) 127)
                .putLong(1_900_000_000L)
                .array();

        // An array of this size would cause an OutOfMemoryError, which ends the thread without a reason.
        ConnectionEnd.Outcome end = endAgainst(peer -> peer.open().send(header).ignore());
        assertThat(end.cause()).isEqualTo(EndCause.INVALID);
        assertThat(end.reason()).startsWith("closed by the collector, code 1009, a frame of 1900000000 bytes");
        assertThat(faults).isEmpty();
    }

    @Test
    void invalidUtf8IsRejectedAndTheConnectionContinues() throws Exception {
        byte[] bad = HostileServer.frame(0x81, new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
        byte[] good = HostileServer.text(Trades.json(Trades.BTCUSDT, 6, 1_736_950_336_567L));

        endAgainst(peer -> peer.open().send(bad).send(good).hang());

        assertThat(sink.rejected).hasSize(1);
        assertThat(sink.written).containsExactly(6L);
        assertThat(faults).isEmpty();
    }

    @Test
    void closeFrameWithInvalidUtf8EndsTheConnection() throws Exception {
        byte[] close = HostileServer.frame(0x88, new byte[] {0x03, (byte) 0xe8, (byte) 0xff, (byte) 0xfe});

        ConnectionEnd.Outcome end = endAgainst(peer -> peer.open().send(close).ignore());

        assertThat(end.status()).isZero();
        assertThat(end.reason()).isNotEqualTo("the connection ended");
        assertThat(faults).isEmpty();
    }

    @Test
    void closeFrameOfTheServerIsTheReason() throws Exception {
        byte[] close = HostileServer.frame(0x88, "\u0003\u00f0Pong timeout".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(endAgainst(peer -> peer.open().send(close).ignore()))
                .isEqualTo(new ConnectionEnd.Outcome(
                        EndCause.CLOSED, 0, -1, "closed by the exchange, code 1008, Pong timeout"));
    }

    @Test
    void closeFrameCannotForgeALogLine() throws Exception {
        byte[] close = HostileServer.frame(
                0x88, "\u0003\u00f0a\n2025-01-15 - ERROR - b".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(endAgainst(peer -> peer.open().send(close).ignore()).reason())
                .isEqualTo("closed by the exchange, code 1008, a\\u000a2025-01-15 - ERROR - b");
    }

    @Test
    void compressionThatWasNotOfferedEndsTheConnectionAtTheFirstCompressedFrame() throws Exception {
        ConnectionEnd.Outcome end =
                endAgainst(peer -> peer.send(peer.welcome("Sec-WebSocket-Extensions: permessage-deflate\r\n"))
                        .send(HostileServer.frame(0xc1, new byte[] {1, 2, 3}))
                        .ignore());

        assertThat(end.reason()).contains("RSV1");
        assertThat(sink.rejected).isEmpty();
    }

    @Test
    void refusalIsParsedHoweverItsHeadIsSplit() throws Exception {
        assertThat(endAgainst(refusal("451 Unavailable For Legal Reasons", "")))
                .isEqualTo(new ConnectionEnd.Outcome(
                        EndCause.REFUSED, 451, -1, "the exchange refused the connection with HTTP 451"));
        assertThat(endAgainst(refusal("429 Too Many Requests", "Retry-After: 37\r\n")))
                .isEqualTo(new ConnectionEnd.Outcome(
                        EndCause.REFUSED, 429, 37, "the exchange refused the connection with HTTP 429"));
        assertThat(endAgainst(refusal("503 Service Unavailable", "")))
                .isEqualTo(new ConnectionEnd.Outcome(
                        EndCause.REFUSED, 503, -1, "the exchange refused the connection with HTTP 503"));
    }

    private static Behaviour refusal(String status, String header) {
        return peer -> {
            peer.request();
            for (String part : List.of("HTTP/1", ".1 " + status + "\r", "\nServer: x\r\nRe", "ally: 1\r\n")) {
                peer.send(part).pause(20);
            }
            for (String part : List.of(header, "Content-Length: 2\r\n\r", "\n{}")) {
                peer.send(part).pause(20);
            }
        };
    }

    @Test
    void refusalWithAnIncompleteHeadIsStillARefusal() throws Exception {
        assertThat(endAgainst(peer -> {
                            peer.request();
                            peer.send("HTTP/1.1 418 I'm a teapot\r\n");
                        })
                        .status())
                .isEqualTo(418);
    }

    @ParameterizedTest
    @ValueSource(classes = {IOException.class, IllegalStateException.class, StackOverflowError.class})
    void faultInAcceptingATradeIsReportedOnceAndEndsTheConnection(Class<? extends Throwable> kind) throws Exception {
        sink.fault = kind.getConstructor(String.class).newInstance("no");
        byte[] two = (trade(6) + trade(7)).getBytes(StandardCharsets.ISO_8859_1);

        ConnectionEnd.Outcome end;
        try (HostileServer server = HostileServer.start(peer -> {
            peer.open();
            while (true) {
                peer.send(two).pause(5);
            }
        })) {
            FeedConnection connection = connection(server.uri());
            end = end(connection);
            assertThat(connection.trades()).isZero();
        }

        assertThat(faults).hasSize(1);
        assertThat(faults.get(0)).isInstanceOf(kind);
        assertThat(sink.failures).as("nothing more is taken").hasValue(1);
        assertThat(end.cause()).isEqualTo(EndCause.FAULT);
        assertThat(end.reason()).startsWith("a frame could not be accepted: ").contains(kind.getSimpleName());
    }

    private static String trade(long id) {
        return new String(
                HostileServer.text(Trades.json(Trades.BTCUSDT, id, 1_736_950_336_567L)), StandardCharsets.ISO_8859_1);
    }

    @Test
    void closedPortEndsTheConnectionAtOnce() throws Exception {
        int port = FreePort.find();
        ConnectionEnd.Outcome end = end(connection(URI.create("ws://127.0.0.1:" + port)));
        assertThat(end.cause()).isEqualTo(EndCause.UNREACHABLE);
        assertThat(end.reason()).contains("refused");
    }

    @Test
    void unknownHostEndsTheConnection() throws Exception {
        assertThat(end(connection(URI.create("ws://nowhere.invalid:9443"))).reason())
                .contains("UnknownHostException")
                .contains("nowhere.invalid");
    }

    @Test
    void closeThatTheServerIgnoresEndsWithACut() throws Exception {
        try (HostileServer server = HostileServer.start(peer -> peer.open().ignore())) {
            FeedConnection connection = connection(server.uri(), options(server.uri(), CONNECT, Duration.ofHours(1)));
            Await.until("open", () -> connection.phase() == Phase.OPEN);

            connection.close();
            connection.cut();

            end(connection);
        }
    }

    @Test
    void closingAConnectionThatIsStillConnectingEndsItAtOnce() throws Exception {
        try (HostileServer server = HostileServer.start(HostileServer.Peer::hang)) {
            FeedConnection connection =
                    connection(server.uri(), options(server.uri(), Duration.ofHours(1), IDLE_TIMEOUT));
            Await.until("accepted", () -> server.accepted() == 1);

            connection.close();

            end(connection);
        }
    }
}
