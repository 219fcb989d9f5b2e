package io.marketdata.collector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"../../etc", "", "B", "BTC/USDT", "BTC USDT", "BTC.USDT", "BTC\u0000X", "BTC%2F", "B\nTC"})
    void refusesSymbolsThatCouldLeaveTheirFolder(String text) {
        assertThatThrownBy(() -> Symbol.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void symbolIsUpperCaseInDataAndLowerCaseInStreamNames() {
        Symbol symbol = Symbol.of(" btcusdt ");

        assertThat(symbol.value()).isEqualTo("BTCUSDT");
        assertThat(symbol.encoded()).isEqualTo("BTCUSDT");
        assertThat(symbol.tradeStream()).isEqualTo("btcusdt@trade");
    }

    @Test
    void symbolOutsideAsciiIsPercentEncodedInPaths() {
        Symbol symbol = Symbol.of("币安人生USDT");

        assertThat(symbol.encoded()).matches("[A-Z0-9%]+").endsWith("USDT");
        assertThat(symbol.tradeStream()).matches("[A-Z0-9%]+usdt@trade");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", ".a", "a/b", "a b", "a-rest", "a-archive", "a-rest-archive", "a\u00e9"})
    void refusesAmbiguousInstanceIds(String text) {
        assertThatThrownBy(() -> new InstanceId(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyPartNameIsParsedToItself() {
        long seed = 17;
        Random random = new Random(seed);
        String letters = "abcXYZ019._-rest";
        for (int i = 0; i < 2_000; i++) {
            StringBuilder id = new StringBuilder("i");
            for (int n = random.nextInt(12); n > 0; n--) {
                id.append(letters.charAt(random.nextInt(letters.length())));
            }
            if (random.nextInt(4) == 0) {
                id.append(random.nextBoolean() ? "-rest-" : "-archive-");
            }
            if (id.toString().endsWith("-rest")) {
                continue;
            }
            PartName name = new PartName(
                    new InstanceId(id.toString()),
                    Origin.values()[random.nextInt(Origin.values().length)],
                    Math.abs(random.nextLong() % 10_000_000_000_000L));

            assertThat(PartName.parse(name.toString()))
                    .as("seed %d, %s", seed, name)
                    .contains(name);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"part-a-1x", "part--1", "part-a-", "apart-a-1", "part-a-01", "part-a-1.jsonl", "manifest-a-1"})
    void refusesTextThatIsNotAPartName(String text) {
        assertThat(PartName.parse(text)).isEmpty();
    }

    @Test
    void partAndManifestShareTheirName() {
        PartName live = new PartName(new InstanceId("local-001"), Origin.STREAM, 1_736_950_336_567L);
        PartName backfilled = new PartName(new InstanceId("local-001"), Origin.REST, 1_736_950_336_567L);

        assertThat(live).hasToString("part-local-001-1736950336567");
        assertThat(live.manifestFileName()).isEqualTo("manifest-local-001-1736950336567.json");
        assertThat(backfilled).hasToString("part-local-001-rest-1736950336567");
        assertThat(backfilled.manifestFileName()).isEqualTo("manifest-local-001-rest-1736950336567.json");
        assertThat(new PartName(new InstanceId("local-001"), Origin.ARCHIVE, 1_736_950_336_567L))
                .hasToString("part-local-001-archive-1736950336567");
    }
}
