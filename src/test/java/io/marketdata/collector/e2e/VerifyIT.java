package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.CollectorProcess;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Three instances record a tape into one bucket: one all of it, one with a pause and without REST, one until it is killed.
 * Then the bucket is damaged, and repaired.
 */
@Execution(ExecutionMode.CONCURRENT)
class VerifyIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void damageOfABucketIsNamedAndRepaired() throws Exception {
        Optional<Path> real = Samples.realFrames();
        Path tape = real.isPresent() ? real.get() : Samples.madeUp(folder, 6_000, 20);
        try (ExchangeSimulator exchange = Exchange.replaying(tape, 20, 5)) {
            record(exchange, Samples.events(tape).size());
            IdRange issued = exchange.issued(Trades.BTCUSDT).orElseThrow();

            // The recorded tape crosses midnight.
            List<JsonNode> sound = verify(0);
            JsonNode first = sound.get(0);
            JsonNode last = sound.get(sound.size() - 1);
            assertThat(first.get("id_first").asLong()).isEqualTo(issued.first());
            assertThat(last.get("id_last").asLong()).isEqualTo(issued.last());
            assertThat(sum(sound, "trades")).isEqualTo(issued.count());
            assertThat(keys(sound)).isEmpty();
            assertThat(first.get("before").get("state").asText()).isEqualTo("open");
            assertThat(last.get("after").get("state").asText()).isEqualTo("open");
            assertThat(gaps(first, 0)).isZero();
            assertThat(gaps(first, 1)).isEqualTo(1);
            assertThat(gaps(first, 2)).isEqualTo(1);
            assertThat(sum(verify(0, "--deep"), "trades")).isEqualTo(issued.count());

            List<String> damaged = damage();
            assertThat(keys(verify(1))).containsExactlyInAnyOrderElementsOf(damaged);
            assertThat(keys(verify(1, "--deep"))).containsExactlyInAnyOrderElementsOf(damaged);

            repair(exchange);
            List<JsonNode> repaired = verify(0, "--deep");
            assertThat(keys(repaired, "repaired")).containsExactlyInAnyOrderElementsOf(damaged);
            assertThat(keys(repaired)).isEmpty();
        }
    }

    private void record(ExchangeSimulator exchange, long trades) throws Exception {
        try (CollectorProcess first = start(exchange, 1, 2, 5, true);
                CollectorProcess second = start(exchange, 2, 2, 3, false);
                CollectorProcess third = start(exchange, 3, 1, 10, true)) {
            Await.until("a quarter", 120, () -> exchange.issuedCount() > trades / 4);
            Await.until("a part of the third", 120, () -> !keys("manifest-i-3-").isEmpty());
            third.kill();
            second.stop();
            Await.until("a half", 120, () -> exchange.issuedCount() > trades / 2);
            try (CollectorProcess again = start(exchange, 2, 2, 3, false)) {
                assertThat(exchange.awaitEndOfTrades(5, TimeUnit.MINUTES)).isTrue();
                again.stop();
            }
            first.stop();
            assertThat(first.text()).contains("Stopped: everything recorded is in");
        }
    }

    private CollectorProcess start(
            ExchangeSimulator exchange, int number, int connections, int rotSecs, boolean reachesRest)
            throws IOException {
        Path home = Files.createDirectories(folder.resolve("home" + number));
        Map<String, String> environment = Exchange.environment(exchange, home, "file:" + folder.resolve("bucket"));
        environment.put("INSTANCE_ID", "i-" + number);
        environment.put("WS_CONNECTIONS", Integer.toString(connections));
        environment.put("ROT_SECS", Integer.toString(rotSecs));
        if (!reachesRest) {
            environment.put("REST_URL", "http://127.0.0.1:9");
        }
        return CollectorProcess.start(home, environment);
    }

    private List<JsonNode> verify(int exitCode, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("verify", "--symbol=BTCUSDT", "--json"));
        List<String> parts = keys("part-");
        arguments.add("--from=" + epochMs(parts.get(0)));
        arguments.add("--to=" + (epochMs(parts.get(parts.size() - 1)) + 60_000));
        arguments.addAll(List.of(options));
        try (CollectorProcess verify = CollectorProcess.start(
                folder, Map.of("RAW_BUCKET", "file:./bucket"), arguments.toArray(String[]::new))) {
            assertThat(verify.awaitExit()).as(verify.text()).isEqualTo(exitCode);
            Files.writeString(folder.resolve("verify.json"), verify.text());
            return list(JSON.readTree(verify.text()).get("periods"));
        }
    }

    private static long epochMs(String part) {
        return Long.parseLong(part.replaceAll(".*-(\\d+)\\.jsonl\\.gz", "$1"));
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static long sum(List<JsonNode> periods, String member) {
        return periods.stream().mapToLong(period -> period.get(member).asLong()).sum();
    }

    /** Keys of the bucket whose file names start like that, in order. */
    private List<String> keys(String start) throws IOException {
        Path bucket = folder.resolve("bucket");
        try (Stream<Path> files = Files.walk(bucket)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(start))
                    .map(file -> bucket.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static List<String> keys(List<JsonNode> periods) {
        return keys(periods, "problems");
    }

    /** An object may be named for more than one reason. */
    private static List<String> keys(List<JsonNode> periods, String list) {
        return periods.stream()
                .flatMap(period -> list(period.get(list)).stream())
                .map(problem -> problem.get("key").asText())
                .distinct()
                .toList();
    }

    private static int gaps(JsonNode period, int instance) {
        return period.get("instances").get(instance).get("gaps").size();
    }

    /** The keys that should be named. */
    private List<String> damage() throws IOException {
        List<String> parts = keys("part-i-1-");
        String deleted = parts.get(2);
        delete(deleted);
        delete(manifestOf(deleted));
        String alone = parts.get(4);
        delete(alone);
        String uncommitted = parts.get(6);
        delete(manifestOf(uncommitted));
        String truncated = parts.get(8);
        byte[] bytes = Files.readAllBytes(file(truncated));
        Files.write(file(truncated), Arrays.copyOf(bytes, bytes.length / 2));
        String edited = parts.get(10);
        Path manifest = file(manifestOf(edited));
        Files.writeString(manifest, Files.readString(manifest).replaceFirst("\"id_last\":", "\"id_last\":1"));
        String one = parts.get(12);
        String other = parts.get(13);
        byte[] swapped = Files.readAllBytes(file(one));
        Files.write(file(one), Files.readAllBytes(file(other)));
        Files.write(file(other), swapped);
        List<String> named =
                new ArrayList<>(List.of(deleted, manifestOf(alone), uncommitted, truncated, edited, one, other));
        for (String part : keys("part-i-2-").subList(0, 5)) {
            delete(manifestOf(part));
            named.add(part);
        }
        return named;
    }

    private static String manifestOf(String part) {
        return part.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json");
    }

    private Path file(String key) {
        return folder.resolve("bucket").resolve(key);
    }

    private void delete(String key) {
        try {
            Files.delete(file(key));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void repair(ExchangeSimulator exchange) throws Exception {
        Map<String, String> environment = Exchange.environment(exchange, folder, "file:" + folder.resolve("bucket"));
        verify(1);
        String[] plan = {"backfill", "--from-verify=verify.json", "--dry-run"};
        List<String> before = keys("part-");
        try (CollectorProcess dry = CollectorProcess.start(folder, environment, plan)) {
            assertThat(dry.awaitExit()).as(dry.text()).isZero();
            assertThat(dry.text()).contains("would fetch BTCUSDT ids ");
        }
        assertThat(keys("part-")).isEqualTo(before);
        try (CollectorProcess backfill = CollectorProcess.start(folder, environment, plan[0], plan[1])) {
            assertThat(backfill.awaitExit()).as(backfill.text()).isZero();
        }
    }
}
