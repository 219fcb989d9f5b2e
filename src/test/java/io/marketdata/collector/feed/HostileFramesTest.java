package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.feed.FeedConnection.Phase;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.HostileServer.Behaviour;
import io.marketdata.collector.testkit.HostileServer.Peer;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An exchange, or what is between, that sends what it may not. Every kind must end the connection, and nothing else. */
class HostileFramesTest {

    private static final int TEXT_FRAGMENT = 0x01;
    private static final int CONTINUATION = 0x00;
    private static final int LAST_CONTINUATION = 0x80;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int PONG = 0x8a;

    /** What is sent without end, and the reason for which the connection ends. */
    enum Flood {
        EMPTY_FRAGMENTS(
                peer -> endlessly(peer.open().send(frame(TEXT_FRAGMENT, "{")), frame(CONTINUATION, "")),
                "code 1009, more than 1024 fragments of one message"),
        SMALL_FRAGMENTS(
                peer -> endlessly(peer.open().send(frame(TEXT_FRAGMENT, "{")), frame(CONTINUATION, " ")),
                "code 1009, more than 1024 fragments of one message"),
        EMPTY_BEGINNINGS(peer -> endlessly(peer.open(), frame(TEXT_FRAGMENT, "")), "closed by the collector, code 100"),
        LARGE_FRAGMENTS(
                peer -> endlessly(
                        peer.open().send(frame(TEXT_FRAGMENT, "{")), frame(CONTINUATION, " ".repeat(1 << 19))),
                "code 1009"),
        PINGS_WHOSE_PONGS_ARE_NOT_READ(
                peer -> endlessly(peer.open(), frame(PING, "x".repeat(125))),
                "code 1009, 64 answers to pings are not read"),
        PONGS(peer -> endlessly(peer.open(), frame(PONG, "")), "code 1009, more than 1000 control frames in a minute"),
        CLOSE_REASON_LONGER_THAN_A_CONTROL_FRAME(
                peer -> peer.open()
                        .send(frame(CLOSE, "\u0003\u00e8" + "x".repeat(60_000)))
                        .ignore(),
                "more than 125 octets"),
        HEAD_WITHOUT_END(
                peer -> {
                    peer.request();
                    endlessly(peer.send("HTTP/1.1 101 Switching Protocols\r\n"), ascii("X-More: x\r\n"));
                },
                "no end of the HTTP head"),
        HEAD_OF_ONE_LINE_WITHOUT_END(
                peer -> {
                    peer.request();
                    endlessly(peer, ascii("HTTP/1.1 101 "));
                },
                "no end of the HTTP head"),
        BODY_OF_A_REDIRECT(
                peer -> {
                    peer.request();
                    endlessly(peer.send("HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n"), ascii("<html>"));
                },
                "HTTP 302"),
        BODY_OF_A_REFUSAL(
                peer -> {
                    peer.request();
                    endlessly(peer.send("HTTP/1.1 429 Slow down\r\nRetry-After: 5\r\n\r\n"), ascii("<html>"));
                },
                "HTTP 429"),
        INTERIM_ANSWERS(
                peer -> {
                    peer.request();
                    endlessly(peer, ascii("HTTP/1.1 103 Early Hints\r\n\r\n"));
                },
                "HTTP 103");

        private final Behaviour behaviour;
        private final String reason;

        Flood(Behaviour behaviour, String reason) {
            this.behaviour = behaviour;
            this.reason = reason;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] frame(int first, String payload) {
        return HostileServer.frame(first, ascii(payload));
    }

    /** Sends the same bytes until the client has disconnected, many at once. */
    private static void endlessly(Peer peer, byte[] bytes) throws Exception {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        while (many.size() < 16_384) {
            many.writeBytes(bytes);
        }
        while (true) {
            peer.send(many.toByteArray());
        }
    }

    @ParameterizedTest
    @EnumSource
    void floodEndsTheConnectionWithItsReason(Flood flood) throws Exception {
        try (HostileServer server = HostileServer.start(flood.behaviour);
                FeedRig rig = FeedRig.on(server.uri()).build()) {
            rig.feed.tick();
            FeedConnection connection = rig.connection("connection 1.1");
            rig.settle(each -> each.phase() == Phase.ENDED);

            assertThat(connection.end().reason()).contains(flood.reason).hasSizeLessThan(500);
            assertThat(rig.faults).isEmpty();
        }
    }

    @Test
    void deepAndHugeJsonIsKeptApartAndTheConnectionContinues() throws Exception {
        List<String> hostile = List.of(
                "[".repeat(1_000_000),
                "{\"a\":".repeat(150_000),
                "{\"e\":\"trade\",\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}",
                "{\"" + "n".repeat(1_000_000) + "\":1}",
                "{\"t\":" + "9".repeat(1_000_000) + "}",
                "");
        try (HostileServer server = HostileServer.start(peer -> {
                    peer.open();
                    for (String text : hostile) {
                        peer.send(HostileServer.text(text));
                    }
                    peer.send(HostileServer.text(Trades.json(Trades.BTCUSDT, 6, 1_736_950_336_567L)))
                            .hang();
                });
                FeedRig rig = FeedRig.on(server.uri()).build()) {
            rig.tickUntil("the trade", () -> rig.sink.written.contains(6L));

            assertThat(rig.sink.rejected).hasSize(hostile.size());
            assertThat(rig.faults).isEmpty();
            assertThat(rig.open()).isEqualTo(1);
        }
    }

    /** Frames of every opcode, with any flags and lengths that may be wrong, whole or cut off, between trades. */
    @Test
    void randomFramesEndAtMostTheConnection() throws Exception {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            try (HostileServer server = HostileServer.start(peer -> {
                        peer.open().send(randomFrames(random)).reset();
                    });
                    FeedRig rig = FeedRig.on(server.uri()).build()) {
                rig.tickToTheEnd();
                assertThat(rig.faults).as("seed %d", seed).isEmpty();
            }
        }
    }

    private static byte[] randomFrames(Random random) {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = random.nextInt(60); i >= 0; i--) {
            byte[] payload = new byte[random.nextInt(random.nextInt(10) == 0 ? 70_000 : 130)];
            random.nextBytes(payload);
            int[] usual = {TEXT_FRAGMENT, CONTINUATION, LAST_CONTINUATION, CLOSE, PING, PONG, 0x81, 0x82};
            int first = random.nextInt(5) == 0 ? random.nextInt(256) : usual[random.nextInt(usual.length)];
            byte[] frame = HostileServer.frame(first, payload);
            if (random.nextInt(20) == 0) {
                frame[1] = (byte) random.nextInt(256);
            }
            wire.writeBytes(random.nextInt(20) == 0 ? Arrays.copyOf(frame, random.nextInt(frame.length)) : frame);
        }
        return wire.toByteArray();
    }
}
