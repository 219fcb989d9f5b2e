package io.marketdata.collector.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Bad usage of every command and every option: two lines, exit code 64, and the usage only on request. */
class UsageTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine line = CollectorCommand.commandLine(code -> {});

    /** Every option that takes a value, with the words before it on the command line. */
    static Stream<Arguments> options() {
        return commands(CollectorCommand.commandLine(code -> {}).getCommandSpec())
                .flatMap(command -> command.options().stream()
                        .filter(option -> option.arity().max() > 0)
                        .map(option -> Arguments.of(path(command), option)));
    }

    static Stream<String> paths() {
        return commands(CollectorCommand.commandLine(code -> {}).getCommandSpec())
                .map(UsageTest::path);
    }

    private static Stream<CommandSpec> commands(CommandSpec command) {
        return Stream.concat(
                Stream.of(command),
                command.subcommands().values().stream().flatMap(sub -> commands(sub.getCommandSpec())));
    }

    private static String path(CommandSpec command) {
        return command.qualifiedName().substring(command.root().name().length()).strip();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "demmo | unknown command demmo; did you mean demo?",
                "spool lss | unknown command lss; did you mean ls?",
                "help spool lss | unknown command lss; did you mean ls?",
                "help demo x | demo has no subcommands, was x",
                "demo --second 5 | unknown option --second; did you mean --seconds?",
                "--seconds 5 demo | unknown option --seconds; it is an option of demo, simulate",
                "demo --until-input-ends | unknown option --until-input-ends; it is an option of the collector itself",
                "demo --xyzzy | unknown option --xyzzy; options: --dir, --faults, --help",
                "demo 5 | unexpected argument 5; demo takes options only",
                "demo -- --faults | unexpected argument --faults after --; demo takes options only",
                "reparse a b | unexpected argument b; reparse takes one argument",
                "demo --seconds abc | --seconds abc: not a whole number; allowed: 1 to 3600",
                "demo --seconds -5 | --seconds -5: out of range; allowed: 1 to 3600",
                "demo --seconds 3 --faults | --seconds 3: out of range; allowed with --faults: 30 to 3600",
                "demo --rate NaN | --rate NaN: out of range; allowed: 0.1 to 20000",
                "demo --seconds | --seconds needs a value: N",
                "demo --dir --faults | --dir needs a value: DIR",
                "demo --seconds 5 --seconds 6 | --seconds is given more than once; give it once",
                "demo --faults=maybe | --faults takes no value",
                "simulate --profile flatt | --profile flatt: unknown; did you mean flat?; allowed: bursts, flat",
                "doctor --outage 5 | --outage 5: not a number with one of the units ms, s, m, h",
                "reparse | DIR is required",
                "spool ls --symbol ../etc | --symbol ../etc: not 2 to 32 letters and digits, for example BTCUSDT",
                "@file | unknown command @file; commands: demo,",
            })
    void theFirstLineSaysWhatIsWrongWithWhat(String arguments, String message) {
        assertThat(refused(arguments.split(" "))).startsWith(message);
    }

    @ParameterizedTest
    @MethodSource("options")
    void aMissingOrEmptyValueIsNamed(String path, OptionSpec option) {
        if (option.arity().min() > 0) {
            assertThat(refused(path, option.longestName())).startsWith(option.longestName() + " needs a value: ");
        }
        assertThat(refused(path, option.longestName() + "=")).contains(option.longestName() + " needs a value: ");
    }

    /** Also shows that no numeric option is without a range. */
    @ParameterizedTest
    @MethodSource("options")
    void everyNumberAndDurationHasARangeThatTheAnswerNames(String path, OptionSpec option) {
        Class<?> type = option.auxiliaryTypes()[0];
        if (!type.isPrimitive() && !Number.class.isAssignableFrom(type) && type != Duration.class) {
            return;
        }
        Allowed allowed = OptionValues.allowed(option);

        assertThat(allowed).as(option.longestName()).isNotNull();
        for (String wrong : List.of("abc", "-99999999999999999999", "99999999999999999999", "1e", "5 s")) {
            assertThat(refused(path, option.longestName(), wrong))
                    .startsWith(option.longestName() + " " + wrong + ": ")
                    .endsWith("; allowed: " + allowed.least() + " to " + allowed.most());
        }
    }

    @ParameterizedTest
    @MethodSource("paths")
    void helpIsTheSameInBothForms(String path) {
        List<String> words = path.isEmpty() ? List.of() : Arrays.asList(path.split(" "));
        List<String> named = new ArrayList<>(words);
        named.add(0, "help");
        List<String> option = new ArrayList<>(words);
        option.add("--help");

        assertThat(run(named.toArray(String[]::new))).isZero();
        String byName = out.toString();
        out.getBuffer().setLength(0);
        assertThat(run(option.toArray(String[]::new))).isZero();

        assertThat(out).hasToString(byName);
        assertThat(byName)
                .startsWith("Usage: java -jar collector.jar")
                .contains("Example: ")
                .doesNotContain("${")
                .doesNotContainPattern("\\bPT\\d");
    }

    @Test
    void enumsAreReadInAnyCase() {
        for (String profile : List.of("flat", "FLAT", "Flat", "bursts")) {
            CommandLine.ParseResult parsed = line.parseArgs("simulate", "--profile", profile);

            assertThat(parsed.subcommand()
                            .matchedOptionValue("--profile", SimulateCommand.Profile.BURSTS)
                            .toString())
                    .isEqualTo(profile.toLowerCase(java.util.Locale.ROOT));
        }
    }

    @Test
    void theNameOfAnInstalledCommandIsInUsageExamplesAndErrors() {
        System.setProperty("collector.command", "market-collector");
        try {
            CommandLine installed = CollectorCommand.commandLine(code -> {});

            assertThat(installed.getSubcommands().get("demo").getUsageMessage())
                    .startsWith("Usage: market-collector demo")
                    .contains("Example: market-collector demo")
                    .doesNotContain("java -jar");
        } finally {
            System.clearProperty("collector.command");
        }
    }

    private String refused(String... arguments) {
        err.getBuffer().setLength(0);
        assertThat(run(arguments)).as(String.join(" ", arguments)).isEqualTo(64);
        List<String> lines = err.toString().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).matches("See: java -jar collector\\.jar( [a-z]+)* --help");
        assertThat(out.toString()).isEmpty();
        return lines.get(0);
    }

    private int run(String... arguments) {
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(Arrays.stream(arguments)
                .flatMap(argument -> argument.equals("5 s") ? Stream.of(argument) : Stream.of(argument.split(" ")))
                .filter(argument -> !argument.isEmpty())
                .toArray(String[]::new));
    }
}
