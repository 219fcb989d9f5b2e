package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.HostileServer.Behaviour;
import io.marketdata.collector.testkit.LogLines;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connection attempts while the exchange refuses. An hour of the clock takes about a second. */
@Tag("long")
@Isolated("its virtual time must not pass faster than real sockets connect")
class RefusalsTest {

    private static final Duration STEP = Duration.ofMillis(100);
    private static final int STEPS_PER_MINUTE = 600;
    private static final int BUDGET = 60;

    /** With the maximum attempts of two feed lines in an hour, and the maximum minutes until both are back afterwards. */
    enum Kind {
        RESET(HostileServer.Peer::reset, 600, 6),
        UNAVAILABLE(http("503 Service Unavailable", ""), 600, 6),
        CLOSED_AFTER_OPEN(HostileServer.Peer::open, 600, 6),
        TOO_MANY(http("429 Too Many Requests", ""), 24, 16),
        TOO_MANY_UNTIL(http("429 Too Many Requests", "Retry-After: 120\r\n"), 60, 3),
        UNAVAILABLE_UNTIL(http("503 Service Unavailable", "Retry-After: 120\r\n"), 60, 3),
        FORBIDDEN(http("403 Forbidden", ""), 24, 16);

        private final Behaviour behaviour;
        private final int mostPerHour;
        private final int minutesToReturn;

        Kind(Behaviour behaviour, int mostPerHour, int minutesToReturn) {
            this.behaviour = behaviour;
            this.mostPerHour = mostPerHour;
            this.minutesToReturn = minutesToReturn;
        }
    }

    private static Behaviour http(String status, String header) {
        return peer -> {
            peer.request();
            peer.send("HTTP/1.1 " + status + "\r\n" + header + "Content-Length: 0\r\nConnection: close\r\n\r\n");
        };
    }

    @ParameterizedTest
    @EnumSource
    void anHourOfRefusalsStaysWithinTheBudgetAndConnectionsReturnAfterwards(Kind kind) throws Exception {
        long seed = 11;
        try (HostileServer server = HostileServer.start(kind.behaviour);
                FeedRig rig = FeedRig.on(server.uri())
                        .connections(2)
                        .random(new Random(seed)::nextDouble)
                        .idleTimeout(FeedRig.IDLE_TIMEOUT)
                        .build();
                LogLines log = new LogLines(FeedLine.class)) {
            List<Long> attempts = attempts(server, rig, Duration.ofHours(1));

            int aMinute = kind == Kind.CLOSED_AFTER_OPEN ? 2 : 1;
            assertThat(log.all()).as("lines in an hour").hasSizeLessThanOrEqualTo(60 * aMinute + 10);
            assertThat(log.all()).anyMatch(line -> line.contains("Reconnecting in") && line.contains("doctor"));

            assertThat(mostInFiveMinutes(attempts)).isLessThanOrEqualTo(BUDGET);
            assertThat(attempts).hasSizeBetween(6, kind.mostPerHour);
            assertThat(rig.faults).isEmpty();

            server.behave(peer -> peer.open().ignore());
            int steps = 0;
            while (rig.open() < 2) {
                assertThat(steps++)
                        .as("steps until both connections are back")
                        .isLessThan(kind.minutesToReturn * STEPS_PER_MINUTE);
                rig.time.skip(STEP);
                rig.tick();
            }
        }
    }

    /** With zero jitter every pause is zero, and only the budget limits the attempts. */
    @ParameterizedTest
    @EnumSource(names = {"RESET", "UNAVAILABLE", "CLOSED_AFTER_OPEN"})
    void budgetHoldsEvenIfJitterMakesEveryPauseZero(Kind kind) throws Exception {
        try (HostileServer server = HostileServer.start(kind.behaviour);
                FeedRig rig =
                        FeedRig.on(server.uri()).connections(2).random(() -> 0).build()) {
            List<Long> attempts = attempts(server, rig, Duration.ofMinutes(11));

            assertThat(mostInFiveMinutes(attempts)).isEqualTo(BUDGET);
        }
    }

    /** Ticks and moves on, and returns when each attempt was made, monotonic. */
    private static List<Long> attempts(HostileServer server, FeedRig rig, Duration lasting) throws Exception {
        List<Long> attempts = new ArrayList<>();
        for (long step = 0; step < lasting.toMillis() / STEP.toMillis(); step++) {
            int before = server.accepted();
            long now = rig.time.nanoTime();
            rig.tickToTheEnd();
            attempts.addAll(Collections.nCopies(server.accepted() - before, now));
            rig.time.skip(STEP);
        }
        return attempts;
    }

    private static int mostInFiveMinutes(List<Long> attempts) {
        // A second less, because an attempt is made a moment after the clock was read.
        long window = Duration.ofMinutes(5).minusSeconds(1).toNanos();
        int most = 0;
        for (int i = 0, first = 0; i < attempts.size(); i++) {
            while (attempts.get(i) - attempts.get(first) >= window) {
                first++;
            }
            most = Math.max(most, i - first + 1);
        }
        return most;
    }

    /** Codes that must not be sent (1004 to 1006, 1015) are protocol errors, and handled like every other end. */
    @ParameterizedTest
    @ValueSource(
            ints = {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015})
    void everyCloseCodeLeadsToAnImmediateAttemptThenGrowingPauses(int code) throws Exception {
        byte[] close = HostileServer.frame(
                0x88, ByteBuffer.allocate(2).putShort((short) code).array());
        try (HostileServer server =
                        HostileServer.start(peer -> peer.open().send(close).ignore());
                FeedRig rig = FeedRig.on(server.uri()).build()) {
            rig.tickToTheEnd();
            assertThat(server.accepted()).isEqualTo(1);
            rig.tickToTheEnd();
            rig.tickToTheEnd();
            assertThat(server.accepted()).as("at once").isEqualTo(2);

            List<Integer> pauses = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                pauses.add(stepsToTheNextAttempt(server, rig));
            }

            // Half of 1 s, 2 s, 4 s and so on up to 30 s, in steps of 100 ms; real time passes as well.
            List<Integer> expected = List.of(5, 10, 20, 40, 80, 150, 150, 150);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(pauses.get(i))
                        .as("pause %d of %s", i, pauses)
                        .isBetween(expected.get(i) * 8 / 10 - 1, expected.get(i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"259200", "1000000000000000000", "Fri, 31 Dec 9999 23:59:59 GMT"})
    void refusalOfThreeDaysIsAnErrorAndTriedAgainInTwelveHours(String retryAfter) throws Exception {
        try (HostileServer server =
                        HostileServer.start(http("429 Too Many Requests", "Retry-After: " + retryAfter + "\r\n"));
                FeedRig rig = FeedRig.on(server.uri()).build();
                LogLines log = new LogLines(FeedLine.class)) {
            rig.tickToTheEnd();
            rig.tickToTheEnd();
            assertThat(log.errors()).singleElement().asString().contains("127.0.0.1", "(HTTP 429)", "again in 12 h");

            rig.time.skip(Duration.ofHours(12).minusMinutes(1));
            rig.tickToTheEnd();
            assertThat(server.accepted()).isEqualTo(1);
            rig.time.skip(Duration.ofMinutes(2));
            rig.tickToTheEnd();
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "0", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"})
    void retryAfterWithoutSenseIsAsIfThereWereNone(String retryAfter) throws Exception {
        try (HostileServer server =
                        HostileServer.start(http("429 Too Many Requests", "Retry-After: " + retryAfter + "\r\n"));
                FeedRig rig = FeedRig.on(server.uri()).build()) {
            rig.tickToTheEnd();
            rig.tickToTheEnd();
            rig.time.skip(Duration.ofSeconds(29));
            rig.tickToTheEnd();
            assertThat(server.accepted()).isEqualTo(1);
            rig.time.skip(Duration.ofSeconds(31));
            rig.tickToTheEnd();
            rig.tickToTheEnd();
            assertThat(server.accepted()).isEqualTo(2);
        }
    }

    private static int stepsToTheNextAttempt(HostileServer server, FeedRig rig) throws Exception {
        int before = server.accepted();
        for (int steps = 0; steps < 10_000; steps++) {
            rig.tickToTheEnd();
            if (server.accepted() > before) {
                return steps;
            }
            rig.time.skip(STEP);
        }
        throw new AssertionError("never again");
    }
}
