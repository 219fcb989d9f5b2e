package io.marketdata.collector.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FaultScriptTest {

    @TempDir
    private Path folder;

    private FaultScript read(String yaml) throws IOException {
        return FaultScript.read(Files.writeString(folder.resolve("faults.yaml"), yaml));
    }

    @Test
    void stepsHaveATimeAndAFault() throws IOException {
        FaultScript script = read("""
                # a comment
                - after_trades: 100
                  fault: cut
                  connection: oldest
                - after: 12.5s
                  fault: rest_status
                  status: 429
                  retry_after: 3s
                  next: 2
                """);

        assertThat(script.steps())
                .isEqualTo(FaultScript.EMPTY
                        .afterTrades(100, new Fault.Cut(Target.OLDEST, Fault.How.RST))
                        .after(
                                Duration.ofMillis(12_500),
                                new Fault.RestStatus(429, Duration.ofSeconds(3), Extent.next(2), ""))
                        .steps());
    }

    static Stream<Arguments> everyFault() {
        Extent always = Extent.always();
        return Stream.of(
                Arguments.of("fault: cut, how: fin, connection: 3", new Fault.Cut(Target.number(3), Fault.How.FIN)),
                Arguments.of("fault: close, code: 1008, reason: x", new Fault.Close(Target.ALL, 1_008, "x")),
                Arguments.of("fault: close", new Fault.Close(Target.ALL, 1_001, "")),
                Arguments.of("fault: stall, for: 2m", new Fault.Stall(Target.ALL, Duration.ofMinutes(2))),
                Arguments.of("fault: stall", new Fault.Stall(Target.ALL, Fault.FOREVER)),
                Arguments.of("fault: freeze, connection: newest", new Fault.Freeze(Target.NEWEST)),
                Arguments.of("fault: lag, by: 250ms", new Fault.Lag(Target.ALL, Duration.ofMillis(250))),
                Arguments.of("fault: skip, trades: 7", new Fault.Skip(Target.ALL, 7)),
                Arguments.of("fault: repeat", new Fault.Repeat(Target.ALL)),
                Arguments.of("fault: forge, ids_ahead: -5", new Fault.Forge(Target.ALL, -5)),
                Arguments.of("fault: swap", new Fault.Swap(Target.ALL)),
                Arguments.of(
                        "fault: notice, form: combined, close_after: 1s",
                        new Fault.ShutdownNotice(Target.ALL, Fault.Form.COMBINED, Duration.ofSeconds(1))),
                Arguments.of(
                        "fault: notice, close_after: never",
                        new Fault.ShutdownNotice(Target.ALL, Fault.Form.AUTO, null)),
                Arguments.of("fault: send_text, text: hello", new Fault.SendText(Target.ALL, "hello")),
                Arguments.of("fault: send_binary, text: hello", new Fault.SendBinary(Target.ALL, "hello")),
                Arguments.of("fault: send_fragments, text: hello", new Fault.SendFragments(Target.ALL, "hello")),
                Arguments.of("fault: send_huge_header", new Fault.SendHugeHeader(Target.ALL, 1_900_000_000L)),
                Arguments.of(
                        "fault: refuse, status: 451, for: 30s, endpoint: 1",
                        new Fault.RefuseUpgrades(451, null, Extent.lasting(Duration.ofSeconds(30)), 1)),
                Arguments.of("fault: reset_upgrades, next: 2", new Fault.ResetUpgrades(Extent.next(2), null)),
                Arguments.of("fault: hang_upgrades", new Fault.HangUpgrades(always, null)),
                Arguments.of(
                        "fault: rest_status, status: 503, path: trades",
                        new Fault.RestStatus(503, null, always, "trades")),
                Arguments.of("fault: rest_hang", new Fault.RestHang(Duration.ofSeconds(15), always, "")),
                Arguments.of("fault: rest_truncate, next: 1", new Fault.RestTruncate(Extent.next(1), "")),
                Arguments.of(
                        "fault: rest_lie, ids_ahead: 9, one_in: 100, path: trades",
                        new Fault.RestLie(9, 100, always, "trades")),
                Arguments.of("fault: history_lag, by: 1h", new Fault.HistoryLag(Duration.ofHours(1))),
                Arguments.of("fault: data_only_host", new Fault.DataOnlyHost(true)),
                Arguments.of("fault: data_only_host, on: false", new Fault.DataOnlyHost(false)),
                Arguments.of(
                        "fault: oldest_kept, symbol: btcusdt, id: 5", new Fault.OldestKept(new Symbol("BTCUSDT"), 5)),
                Arguments.of("fault: keep_newest, trades: 500", new Fault.KeepNewest(null, 500)),
                Arguments.of("fault: reset_ids", new Fault.ResetIds(null)),
                Arguments.of("fault: reformat, replace: a, with: b", new Fault.Reformat("a", "b")),
                Arguments.of("fault: halt, for: 5s", new Fault.Halt(Duration.ofSeconds(5))),
                Arguments.of("fault: heal", new Fault.Heal()));
    }

    @ParameterizedTest
    @MethodSource("everyFault")
    void everyFaultCanBeReadFromItsKeys(String keys, Fault fault) {
        assertThat(FaultScript.readFault("{" + keys + "}")).isEqualTo(fault);
    }

    @Test
    void everyFaultIsTestedAndDocumented() throws IOException {
        List<Class<?>> tested = everyFault()
                .<Class<?>>map(arguments -> arguments.get()[1].getClass())
                .distinct()
                .toList();
        String page = Files.readString(Path.of("docs", "SIMULATOR.md"));

        assertThat(tested)
                .containsExactlyInAnyOrderElementsOf(Stream.of(Fault.class.getDeclaredClasses())
                        .filter(Class::isRecord)
                        .toList());
        everyFault()
                .map(arguments -> String.valueOf(arguments.get()[0]).replaceAll("fault: (\\w+).*", "$1"))
                .forEach(word -> assertThat(page).contains("| `" + word + "` |"));
    }

    @Test
    void exampleInTheDocumentIsAValidScript() throws IOException {
        var block = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("docs", "SIMULATOR.md")));

        assertThat(block.find()).isTrue();
        assertThat(read(block.group(1)).steps()).hasSizeGreaterThan(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fault: cut|needs either after_trades: N or after: 12.5s",
                "after: 1s, after_trades: 1, fault: cut|needs either after_trades: N or after: 12.5s",
                "after: 12|after must be a duration such as 250ms, 12.5s, 2m, 1h or forever, was 12",
                "after_trades: -1, fault: cut|after_trades must be a whole number from 0, was -1",
                "after: 1s|needs fault; allowed are close, cut, data_only_host,",
                "after: 1s, fault: cutt|no fault is called cutt; allowed are close, cut, data_only_host,",
                "after: 1s, fault: cut, hwo: fin|unknown key hwo; allowed here are after, after_trades, connection, fault, how",
                "after: 1s, fault: cut, how: hard|how must be rst or fin, was hard",
                "after: 1s, fault: cut, connection: 0|connection must be oldest, newest, all or a number from 1 (the oldest), was 0",
                "after: 1s, fault: lag|needs by, a duration such as",
                "after: 1s, fault: refuse, status: 99|status must be a whole number from 300 to 599, was 99",
                "after: 1s, fault: refuse, status: [1]|status must be one value",
                "after: 1s, fault: reset_ids, symbol: B-C|not a symbol",
                "after: 1s, fault: data_only_host, on: maybe|on must be true or false, was maybe",
            })
    void errorsNameFileStepAndWhatIsAllowed(String keys, String message) {
        assertThatThrownBy(() -> read("- {after: 1s, fault: heal}\n- {" + keys + "}\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("faults.yaml, step 2: " + message);
    }

    @Test
    void filesThatAreNotAListOrNotYamlAreRefused() {
        assertThatThrownBy(() -> read("fault: cut\n")).hasMessageContaining("faults.yaml: must be a list of steps");
        assertThatThrownBy(() -> read("")).hasMessageContaining("faults.yaml: must be a list of steps");
        assertThatThrownBy(() -> read("- {fault: cut\n")).hasMessageContaining("faults.yaml is not YAML: line ");
        assertThatThrownBy(() -> read("- after: 1s\n  after: 2s\n")).hasMessageContaining("Duplicate");
        assertThatThrownBy(() -> FaultScript.read(folder.resolve("none.yaml")))
                .hasMessageContaining("none.yaml cannot");
        assertThatThrownBy(() -> read("- cut\n")).hasMessageContaining("step 1: must be keys and values");
    }
}
