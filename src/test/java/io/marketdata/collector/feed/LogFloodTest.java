package io.marketdata.collector.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.Trades;
import java.util.function.IntFunction;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ten thousand frames of each kind that the exchange could send, and how many lines of the log they cause. */
@Isolated("it reads the log of the whole package")
class LogFloodTest {

    private static final int FRAMES = 10_000;

    /** The start has two lines; each kind may have one or two a minute, of which the test lasts less than two. */
    private static final int MOST_LINES = 10;

    private static final long LAST = 9_000_000_000L;

    enum Kind {
        ERROR_REPLIES(i -> "{\"error\":{\"code\":2,\"msg\":\"Invalid request " + i + "\"},\"id\":" + i + "}"),
        FLAT_ERRORS(i -> "{\"code\":2,\"msg\":\"Invalid request " + i + "\"}"),
        REPLIES(i -> "{\"result\":null,\"id\":" + i + "}"),
        SHUTDOWN_NOTICES(i -> "{\"e\":\"serverShutdown\",\"E\":" + (1_770_123_456_789L + i) + "}"),
        WRAPPED_SHUTDOWN_NOTICES(
                i -> "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":\"serverShutdown\",\"E\":" + i + "}}"),
        NO_JSON(i -> "hello " + i),
        OTHER_SYMBOLS(i -> trade(i).replace("BTCUSDT", "X" + i + "USDT")),
        LEAPING_TIMES(i -> Trades.json(Trades.BTCUSDT, i, i * 86_400_000L)),
        DUPLICATES(i -> trade(7)),
        CONTRADICTIONS(i -> trade(7).replace("61837.", (10_000 + i) + ".")),
        GAPS(i -> trade(i * 2L)),
        HUGE_GAPS(i -> trade(i * 2_000_000L)),
        LEAPS_TO_AND_FRO(i -> trade(i % 2 == 0 ? i : 5_000_000_000L + i)),
        SEQUENCE_RESETS(i -> trade(i / 4 % 2 == 0 ? 100 + i : 6_000_000_000L + i)),
        FALLING_IDS(i -> trade(9_000_000_000L - 20_000L * i)),
        EVERYTHING(i -> values()[i % (values().length - 1)].frame.apply(i));

        private final IntFunction<String> frame;

        Kind(IntFunction<String> frame) {
            this.frame = frame;
        }
    }

    private static String trade(long id) {
        return Trades.json(Trades.BTCUSDT, id, System.currentTimeMillis());
    }

    @ParameterizedTest
    @EnumSource
    void tenThousandFramesOfAKindCauseFewLines(Kind kind) throws Exception {
        try (LogLines log = new LogLines("io.marketdata.collector");
                HostileServer server = HostileServer.start(peer -> {
                    peer.open();
                    for (int i = 0; i < FRAMES; i++) {
                        peer.send(HostileServer.text(kind.frame.apply(i)));
                    }
                    peer.send(HostileServer.text(trade(LAST).replace("BTCUSDT", "END")))
                            .hang();
                });
                FeedRig rig = FeedRig.on(server.uri()).build()) {
            rig.feed.tick();
            rig.tickUntil(
                    "the last frame",
                    () -> !rig.sink.rejected.isEmpty()
                            && rig.sink
                                    .rejected
                                    .get(rig.sink.rejected.size() - 1)
                                    .contains("\"END\""));

            assertThat(rig.faults).isEmpty();
            assertThat(log.all()).as("%s", log.all()).hasSizeLessThanOrEqualTo(MOST_LINES);
        }
    }
}
