package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The AWS deployment, as far as it can be tested without an account; skipped without Terraform or its provider. */
@Execution(ExecutionMode.CONCURRENT)
@Order(3)
class TerraformIT {

    private static final Path TERRAFORM = Path.of("infra/terraform");

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsTerraform() {
        Assumptions.assumeTrue(Programs.onPath("terraform"), "terraform is not on this machine");
    }

    private static Script run(Map<String, String> environment, String... command) throws Exception {
        Map<String, String> all = new LinkedHashMap<>(environment);
        // Terraform and its provider are Go, start some fifty times here, and spend a third of the processor on
        // garbage.
        all.put("GOGC", "400");
        // A configuration file that is named and missing would be a warning in every output.
        String named = System.getenv("TF_CLI_CONFIG_FILE");
        if (named == null || !Files.exists(Path.of(named))) {
            all.put("TF_CLI_CONFIG_FILE", "");
            mirror().ifPresent(mirror -> all.put("TF_CLI_ARGS_init", "-plugin-dir=" + mirror));
        }
        return Script.run(all, List.of(command)).skippedWhereItCannotRun();
    }

    /** A mirror of the AWS provider in a usual place, for machines that cannot reach the registry. */
    private static Optional<Path> mirror() {
        for (String place : List.of("/opt", "/usr/share", "/usr/local/share")) {
            try (Stream<Path> found = Files.find(
                    Path.of(place),
                    3,
                    (path, attributes) -> attributes.isDirectory() && path.endsWith("registry.terraform.io"))) {
                Optional<Path> registry = found.findFirst();
                if (registry.isPresent()) {
                    return registry.map(Path::getParent);
                }
            } catch (IOException | UncheckedIOException e) {
                // not readable: not there
            }
        }
        return Optional.empty();
    }

    @Test
    void theConfigurationIsWellFormedAndEveryAssertionHolds() throws Exception {
        Script checked = run(Map.of(), TERRAFORM.resolve("tests/check.sh").toString());

        assertThat(checked.code()).as(checked.text()).isZero();
        assertThat(checked.text())
                .contains("ok: format", "ok: validate", "ok: closed")
                .containsPattern("ok: deploy, \\d+ proofs")
                .containsPattern("ok: host, \\d+ proofs")
                .containsPattern("ok: test, \\d+ passed");
    }

    @Test
    void anArgumentThatDoesNotExistIsFound() throws Exception {
        plant("modules/fleet/main.tf", "ebs_optimized  ", "ebs_optimised  ");

        Script checked = check(Map.of("ONLY", "validate"));

        assertThat(checked.code()).as(checked.text()).isEqualTo(1);
        assertThat(checked.text()).contains("FAILED: validate", "ebs_optimised");
    }

    @Test
    void widenedRightsAndMissingProtectionAreFound() throws Exception {
        plant("modules/fleet/main.tf", "[\"s3:PutObject\", \"s3:GetObject\"]", "[\"s3:*\"]");
        plant("modules/fleet/main.tf", "symbol=${pair[1]}/*", "*");
        plant("modules/fleet/main.tf", "    http_tokens                 = \"required\"\n", "");
        plant(
                "modules/fleet/main.tf",
                "ceil(100 / var.instances)\n  }\n\n  instance_refresh",
                "0\n  }\n\n  instance_refresh");

        Script checked = check(Map.of("ONLY", "test", "FILTER", "tests/fleet.tftest.hcl"));

        assertThat(checked.code()).as(checked.text()).isEqualTo(1);
        assertThat(checked.text())
                .contains(
                        "nothing may be listed, deleted or changed",
                        "only below its own symbols",
                        "the metadata only with a token",
                        "never one less, one more at most");
    }

    @Test
    void tablesThatConfuseKeysOrWriteBesideTheTradesAreFound() throws Exception {
        plant("modules/query/main.tf", "\"mapping.trade_id\"       = \"t\"", "\"mapping.trade_id\"       = \"T\"");
        plant("modules/query/schedule.tf", "\"s3:GetObject\"\n", "\"s3:PutObject\"\n");

        Script checked = check(Map.of("ONLY", "test", "FILTER", "tests/query.tftest.hcl"));

        assertThat(checked.code()).as(checked.text()).isEqualTo(1);
        assertThat(checked.text())
                .contains("the mapping of the keys must be the one of", "nothing may be written or deleted beside");
    }

    @Test
    void emulatedAwsRunsTheDeploymentAndKeepsTheBucketAtTheEnd() throws Exception {
        Script emulated = run(
                Map.of(), TERRAFORM.resolve("tests/emulator/run.sh").toString(), System.getProperty("collector.jar"));

        assertThat(emulated.code()).as(emulated.text()).isZero();
        assertThat(emulated.text()).contains("ok: two instances recorded", "ok: and still holds every trade");
        List<String> skipped = emulated.text()
                .lines()
                .filter(line -> line.startsWith("skipped: "))
                .toList();
        assertThat(skipped).isSubsetOf("skipped: cloud-init is not installed");
        assertThat(emulated.text().lines().filter(line -> line.startsWith("ok: ")))
                .hasSizeGreaterThanOrEqualTo(29 - skipped.size());
    }

    private Script check(Map<String, String> environment) throws Exception {
        return run(
                environment,
                TERRAFORM.resolve("tests/check.sh").toString(),
                folder.resolve("planted").toString());
    }

    /** A copy of the configuration with a fault in it. */
    private void plant(String file, String right, String wrong) throws IOException {
        Path copy = folder.resolve("planted");
        if (!Files.exists(copy)) {
            for (Path part : List.of(TERRAFORM, Path.of("infra/sql"), Path.of("systemd"), Path.of("configs"))) {
                copy(part, copy);
            }
        }
        Path target = copy.resolve(TERRAFORM).resolve(file);
        String text = Files.readString(target);
        String planted = text.replace(right, wrong);
        assertThat(planted).as("%s in %s", right, file).isNotEqualTo(text);
        Files.writeString(target, planted);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains(".terraform"))
                    .toList()) {
                Path target = to.resolve(file);
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }
}
