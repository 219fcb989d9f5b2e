package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.UnitFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The unit and its settings file agree with the collector. */
class UnitSettingsTest {

    private static final Pattern SHOWN = Pattern.compile("(?m)^#?([A-Z][A-Z0-9_]*)=(\\S+)$");

    /** Read by the AWS SDK's own chain. */
    private static final List<String> OF_AWS = List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");

    private static Map<String, String> shown() throws Exception {
        String example = Files.readString(UnitFile.FOLDER.resolve("collector.env.example"));
        return SHOWN.matcher(example)
                .results()
                .collect(Collectors.toMap(line -> line.group(1), line -> line.group(2), (a, b) -> a));
    }

    @Test
    void settingsFileShowsEveryVariableExceptTheOneThatTheUnitSets() throws Exception {
        TreeSet<String> variables = SettingsTable.ALL.stream()
                .filter(setting -> setting.variable() != null)
                .map(Setting::variable)
                .collect(Collectors.toCollection(TreeSet::new));
        variables.addAll(OF_AWS);
        variables.removeAll(new UnitFile().environment(Path.of("/")).keySet());

        assertThat(new TreeSet<>(shown().keySet())).isEqualTo(variables);
    }

    @Test
    void everyValueInTheSettingsFileIsTheDefaultOrAnAllowedExample() throws Exception {
        Map<String, String> shown = shown();
        String text = Files.readString(UnitFile.FOLDER.resolve("collector.env.example"));
        for (Setting<?> setting : SettingsTable.ALL) {
            String value = setting.variable() == null ? null : shown.get(setting.variable());
            if (value == null || setting == SettingsTable.COLLECTOR_CONFIG) {
                continue;
            }
            setting.format().parse(value, Path.of("/"));
            boolean example = text.substring(0, text.indexOf(setting.variable() + "=" + value))
                    .replaceAll("(?s).*\n\n", "")
                    .contains("(example");
            if (!example) {
                assertThat(value).as(setting.variable()).isEqualTo(setting.defaultText());
            }
        }
    }

    @Test
    void auditRunsAsTheSameUserWithTheSameSettingsAndRestrictions() throws Exception {
        UnitFile collector = new UnitFile();
        UnitFile audit = new UnitFile("market-collector-audit.service");

        assertThat(collector.restrictions()).hasSizeGreaterThan(25);
        assertThat(audit.restrictions()).isEqualTo(collector.restrictions());
        assertThat(audit.only("User")).isEqualTo(collector.only("User"));
        assertThat(audit.only("EnvironmentFile"))
                .isEqualTo(collector.only("EnvironmentFile").replace("%i/", ""));
        assertThat(audit.all("Restart")).isEmpty();
        assertThat(audit.all("SuccessExitStatus")).isEmpty();
    }

    @Test
    void auditRunsEachDayTwoHoursAfterMidnightInUtc() throws Exception {
        UnitFile timer = new UnitFile("market-collector-audit.timer");

        assertThat(timer.only("OnCalendar")).isEqualTo("*-*-* 02:00:00 UTC");
        assertThat(timer.only("Persistent")).isEqualTo("true");
        assertThat(timer.only("RandomizedDelaySec")).isEqualTo("10min");
        assertThat(timer.only("WantedBy")).isEqualTo("timers.target");
    }

    @Test
    void systemdWaitsLongerThanTheCollectorTakesToStop() throws Exception {
        Duration budget = Units.duration(SettingsTable.SHUTDOWN_BUDGET.defaultText());

        assertThat(Duration.ofSeconds(Long.parseLong(new UnitFile().only("TimeoutStopSec"))))
                .isGreaterThan(budget.plusSeconds(10));
    }
}
