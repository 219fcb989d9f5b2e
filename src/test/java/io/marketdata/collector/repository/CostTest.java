package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.doctor.StoreChecks;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.testkit.Programs;
import io.marketdata.collector.testkit.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/COST.md, infra/terraform and {@code doctor} compute the same costs, by the formula of the document. */
class CostTest {

    private static final String FORMULA =
            "730 n p + 0.096 n d + 3.65 n + 24.7 n s / R + 0.06 n s + 0.30 (5 s + 7)" + " + 0.44 n + 0.10 (4 s + 9)";
    private static final double DISK_GIB = 8;

    /** A recipe of terraform.tfvars.example, which may go on in the next line. */
    private static final Pattern RECIPE = Pattern.compile("(?m)^# {1,3}(\\d+) (\\{\"fleets\": .*(\n# {4,}\".*)?)$");

    @TempDir
    private Path folder;

    /** @param usd a month, as terraform.tfvars.example says */
    private record Recipe(String usd, JsonNode list) {

        String name() {
            return list.at("/fleets").fieldNames().next();
        }

        int instances() {
            return fleet().path("instances").asInt(3);
        }

        int rotSecs() {
            return fleet().at("/environment/ROT_SECS").asInt(5);
        }

        List<String> symbols() {
            List<String> symbols = new ArrayList<>();
            fleet().path("symbols").forEach(symbol -> symbols.add(symbol.asText()));
            return symbols.isEmpty() ? List.of(name()) : symbols;
        }

        double usdAnHour() {
            return fleet().path("instance_type").asText("t3.micro").equals("t4g.micro") ? 0.0108 : 0.0136;
        }

        private JsonNode fleet() {
            return list.at("/fleets/" + name());
        }
    }

    /** {@link #FORMULA} in Java, without the terms that {@code doctor} prints. */
    private static double withoutUploads(double n, double p, double s) {
        return 730 * n * p + 0.096 * n * DISK_GIB + 3.65 * n + 0.30 * (5 * s + 7) + 0.44 * n + 0.10 * (4 * s + 9);
    }

    private static String rounded(double usd) {
        return String.format(Locale.ROOT, "%.0f", usd);
    }

    private static List<String[]> rows(String text) {
        return text.lines()
                .filter(line -> line.matches("\\| .*( \\| [0-9.]+){5} \\|"))
                .map(line -> line.substring(2, line.length() - 2).split(" \\| ", -1))
                .toList();
    }

    private static List<Recipe> recipes() throws IOException {
        List<Recipe> recipes = new ArrayList<>();
        String example = Files.readString(Path.of("infra/terraform/terraform.tfvars.example"));
        for (MatchResult found : RECIPE.matcher(example).results().toList()) {
            recipes.add(new Recipe(
                    found.group(1), new ObjectMapper().readTree(found.group(2).replace("\n#", ""))));
        }
        assertThat(recipes).hasSize(6);
        return recipes;
    }

    /** What infra/terraform/cost.jq prints for a plan with these variables. */
    private String estimate(String name, String variables) throws Exception {
        assumeThat(Programs.onPath("jq")).as("jq is not installed").isTrue();
        ObjectNode plan = new ObjectMapper().createObjectNode();
        new ObjectMapper()
                .readTree(variables)
                .properties()
                .forEach(
                        entry -> plan.withObject("/variables/" + entry.getKey()).set("value", entry.getValue()));
        Path file = Files.writeString(folder.resolve("plan.json"), plan.toString());
        Script jq = Script.run(
                Map.of(), List.of("jq", "-r", "--arg", "name", name, "-f", "infra/terraform/cost.jq", file.toString()));
        assertThat(jq.code()).as(jq.text()).isZero();
        return jq.text();
    }

    @Test
    void everyRecipeIsTheSumOfTheFormula() throws IOException {
        String text = Files.readString(Path.of("docs/COST.md"));

        assertThat(text).contains("\n    " + FORMULA + "\n");
        assertThat(rows(text)).hasSize(6).allSatisfy(row -> {
            double n = Double.parseDouble(row[1]);
            double s = Double.parseDouble(row[3]);
            double uploads = 24.7 * n * s / Double.parseDouble(row[4]) + 0.06 * n * s;
            assertThat(row[5])
                    .as(row[0])
                    .isEqualTo(rounded(withoutUploads(n, Double.parseDouble(row[2]), s) + uploads));
        });
        assertThat(text).contains("| **first symbol** | | **about 64** |");
    }

    @Test
    void exampleOfTheVariablesHasTheRecipesOfTheDocument() throws IOException {
        List<String> rows = rows(Files.readString(Path.of("docs/COST.md"))).stream()
                .map(row -> String.join(" ", List.of(row).subList(1, 6)))
                .toList();

        assertThat(recipes())
                .extracting(recipe -> recipe.instances() + " " + recipe.usdAnHour() + " "
                        + recipe.symbols().size() + " " + recipe.rotSecs() + " " + recipe.usd())
                .containsExactlyElementsOf(rows);
    }

    @Test
    void documentNamesThePricesOfTheEstimate() throws IOException {
        List<MatchResult> prices = Pattern.compile("\"(t3|t4g)\\.(\\w+)\": ([0-9.]+)")
                .matcher(Files.readString(Path.of("infra/terraform/cost.jq")))
                .results()
                .toList();

        assertThat(prices)
                .extracting(price -> price.group(1) + "." + price.group(2))
                .containsExactly(
                        "t3.nano",
                        "t3.micro",
                        "t3.small",
                        "t3.medium",
                        "t4g.nano",
                        "t4g.micro",
                        "t4g.small",
                        "t4g.medium");
        assertThat(Files.readString(Path.of("docs/COST.md")).replace('\n', ' '))
                .contains(String.format(
                        Locale.ROOT,
                        "%s, %s, %s and %s for t3.nano, micro, small and medium; %s, %s, %s and %s for t4g.",
                        prices.stream().map(price -> price.group(3)).toArray()));
    }

    @Test
    void estimateOfThePlanIsThatOfTheDocument() throws Exception {
        for (Recipe recipe : recipes()) {
            assertThat(estimate(recipe.name(), recipe.list().toString()))
                    .startsWith("Estimate: " + recipe.name() + " " + recipe.usd() + " USD a month ("
                            + recipe.instances() + " x ")
                    .endsWith("symbols: " + recipe.symbols().size() + ", ROT_SECS " + recipe.rotSecs()
                            + "), all fleets " + recipe.usd() + " USD; see docs/COST.md.\n");
        }
    }

    @Test
    void estimateAddsFleetsAndDashboardsAndNamesWhatItLeavesOut() throws Exception {
        assertThat(estimate(
                        "A1", "{\"instance_count\": 2, \"fleets\": {\"A1\": {}, \"B1\": {}, \"C1\": {}, \"D1\": {}}}"))
                .isEqualTo("Estimate: A1 44 USD a month (2 x t3.micro with 8 GiB, symbols: 1, ROT_SECS 5),"
                        + " all fleets 181 USD; see docs/COST.md.\n");
        assertThat(estimate("A1", "{\"public_addresses\": false, \"fleets\": {\"A1\": {\"disk_gib\": 100}}}"))
                .startsWith("Estimate: A1 80 USD a month (3 x t3.micro with 100 GiB,");
        assertThat(
                        estimate(
                                "A1",
                                "{\"daily_audit\": true, \"query\": false, \"log_days\": 30, \"region\": \"ap-northeast-1\","
                                        + " \"fleets\": {\"A1\": {\"instance_type\": \"m7g.large\", \"environment\": null}, \"B1\": {}}}"))
                .startsWith("Estimate: A1 34 USD a month (3 x m7g.large ")
                .contains("all fleets 99 USD")
                .endsWith("\nNot in the estimate: the instances of A1 (m7g.large has no price there), daily_audit,"
                        + " log_days.\n");
        assertThat(estimate("A1", "{\"region\": \"eu-west-1\", \"fleets\": {\"A1\": {}}}"))
                .isEqualTo("Estimate: none. docs/COST.md has the prices of ap-northeast-1, and this is eu-west-1.\n");
    }

    @Test
    void doctorPrintsThePutsAndTheStorageOfTheFormula() throws Exception {
        Pattern usd = Pattern.compile(
                "about ([0-9.]+) USD for this instance .* and ([0-9.]+) USD more each month for storage");
        for (Recipe recipe : recipes()) {
            Map<String, String> environment = Map.of(
                    "RAW_BUCKET",
                    "my-bucket",
                    "AWS_REGION",
                    "ap-northeast-1",
                    "SYMBOL",
                    String.join(",", recipe.symbols()),
                    "ROT_SECS",
                    "" + recipe.rotSecs());
            DirectoryObjectStore store = new DirectoryObjectStore(folder.resolve("bucket"));
            String printed = new StoreChecks(
                            new SettingsLoader(environment, folder).load(), store, dialect -> store, Time.SYSTEM)
                    .cost()
                    .get(0)
                    .detail();

            MatchResult found =
                    usd.matcher(printed).results().findFirst().orElseThrow(() -> new AssertionError(printed));
            double uploads = Double.parseDouble(found.group(1)) + Double.parseDouble(found.group(2));
            assertThat(rounded(withoutUploads(
                                    recipe.instances(),
                                    recipe.usdAnHour(),
                                    recipe.symbols().size())
                            + recipe.instances() * uploads))
                    .as(printed)
                    .isEqualTo(recipe.usd());
        }
    }
}
