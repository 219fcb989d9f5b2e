package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.RestMetrics;
import io.marketdata.collector.rest.Transport.Answer;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SymbolCheckTest {

    private static final Symbol BTC = Trades.BTCUSDT;
    private static final Symbol NONE = new Symbol("NOSUCHUSDT");
    private static final Answer UNKNOWN = new Answer(400, Map.of(), "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
    private static final Answer KNOWN =
            new Answer(200, Map.of(), "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\"}]}");

    private final ManualTime time = new ManualTime();
    private final Deque<Answer> answers = new ArrayDeque<>();
    private final BinanceRest rest = new BinanceRest(
            URI.create("http://exchange"),
            null,
            (uri, headers, timeout) -> answers.remove(),
            BinanceRest.TIMEOUT,
            time,
            new RequestBudget(1_200, Duration.ofHours(12), time, () -> 0.5),
            new RestMetrics(new Metrics()));

    private Map<Symbol, String> check(List<Symbol> symbols, Set<Symbol> recorded) throws Exception {
        return SymbolCheck.atStart(symbols, recorded, rest, Duration.ZERO);
    }

    @Test
    void firstStartThatCouldRecordNothingIsRefusedAfterTwoAnswers() {
        answers.addAll(List.of(UNKNOWN, UNKNOWN));

        assertThatThrownBy(() -> check(List.of(NONE), Set.of(BTC)))
                .isInstanceOf(UnknownSymbolException.class)
                .hasMessageContaining("the exchange does not know NOSUCHUSDT; allowed");
        assertThat(answers).isEmpty();
    }

    @Test
    void oneAnswerThatASymbolIsUnknownIsNotBelieved() throws Exception {
        answers.addAll(List.of(UNKNOWN, KNOWN));
        assertThat(check(List.of(BTC), Set.of())).isEqualTo(Map.of(BTC, "TRADING"));

        answers.addAll(List.of(UNKNOWN, new Answer(429, Map.of(), "")));
        assertThat(check(List.of(BTC), Set.of())).isEmpty();
    }

    @Test
    void symbolThatWasRecordedBeforeIsRecordedWhateverTheExchangeSays() throws Exception {
        answers.add(UNKNOWN);
        assertThat(check(List.of(BTC), Set.of(BTC))).isEqualTo(Map.of(BTC, BinanceRest.UNKNOWN));
    }

    @Test
    void unknownSymbolBesideAKnownOneRefusesOnlyItself() throws Exception {
        answers.addAll(List.of(UNKNOWN, KNOWN, UNKNOWN));
        assertThat(check(List.of(BTC, NONE), Set.of())).isEqualTo(Map.of(BTC, "TRADING", NONE, BinanceRest.UNKNOWN));
    }

    @Test
    void symbolThatIsLeftOutOfTheAnswerIsUnknown() throws Exception {
        answers.add(KNOWN);
        assertThat(check(List.of(BTC, NONE), Set.of())).isEqualTo(Map.of(BTC, "TRADING", NONE, BinanceRest.UNKNOWN));
    }

    @Test
    void answersThatAreNoneRefuseNothing() throws Exception {
        for (String body : List.of("", "{}", "[]", "{\"symbols\":[]}", "{}".repeat(1 << 19), "[".repeat(1 << 20))) {
            answers.add(new Answer(200, Map.of(), body));
            assertThat(check(List.of(BTC), Set.of())).isEmpty();
        }
    }
}
