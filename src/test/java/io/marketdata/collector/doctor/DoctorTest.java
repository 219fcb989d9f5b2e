package io.marketdata.collector.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.collect.Wiring;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.doctor.Finding.Level;
import io.marketdata.collector.feed.ConnectionProbe;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.simulator.Extent;
import io.marketdata.collector.simulator.Fault;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.HostileServer;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorTest {

    private static final ThreadFactory DAEMONS = Threads.daemons("doctor-test");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long PID = 4_711;
    private static final String LIMITS = """
            Limit                     Soft Limit           Hard Limit           Units
            Max processes             1                    1                    processes
            Max open files            %s                 524288               files
            """;

    @TempDir
    private Path home;

    private final Map<String, String> environment = new LinkedHashMap<>();
    private final MemoryStore store = new MemoryStore();

    /** A machine with the properties that a test sets. */
    private record Said(int javaFeature, OptionalLong openFileLimit, String type, OptionalLong lockedBy)
            implements Machine {

        static Said well() {
            return new Said(17, OptionalLong.of(4_096), "ext4", OptionalLong.empty());
        }

        Said java(int feature) {
            return new Said(feature, openFileLimit, type, lockedBy);
        }

        Said openFiles(long limit) {
            return new Said(javaFeature, OptionalLong.of(limit), type, lockedBy);
        }

        Said type(String name) {
            return new Said(javaFeature, openFileLimit, name, lockedBy);
        }

        Said lockedBy(long process) {
            return new Said(javaFeature, openFileLimit, type, OptionalLong.of(process));
        }

        @Override
        public String fileSystem(Path directory) {
            return type;
        }

        @Override
        public String journal() {
            return "";
        }

        @Override
        public OptionalLong holder(Path lockFile) {
            return Files.exists(lockFile) ? lockedBy : OptionalLong.empty();
        }
    }

    private Settings settings() throws Exception {
        environment.putIfAbsent("RAW_BUCKET", "my-bucket");
        environment.putIfAbsent("LOCAL_DIR", home.resolve("a/spool").toString());
        return new SettingsLoader(environment, home).load();
    }

    private void settingsFile(String text) throws IOException {
        Files.createDirectories(home.resolve("configs"));
        Files.writeString(home.resolve("configs/collector.yaml"), text);
    }

    private MachineChecks machine(Machine machine) throws Exception {
        return new MachineChecks(settings(), machine, new LocalDisk(), PID);
    }

    private StoreChecks bucket(ObjectStore checked) throws Exception {
        return new StoreChecks(settings(), checked, dialect -> checked, new ManualTime());
    }

    private ExchangeSimulator exchange() throws IOException {
        ExchangeSimulator exchange = ExchangeSimulator.inventing(
                List.of(Trades.BTCUSDT),
                100,
                true,
                7,
                ExchangeOptions.defaults().startingAfter(0),
                DAEMONS,
                Time.SYSTEM,
                event -> {});
        environment.put("WS_URL", exchange.webSocketUri().toString());
        environment.put("REST_URL", exchange.restUri().toString());
        return exchange;
    }

    private ExchangeChecks exchangeChecks(Time time, Duration timeout) throws Exception {
        Settings settings = settings();
        Wiring wiring = new Wiring(settings, time);
        return new ExchangeChecks(
                settings,
                new ConnectionProbe(wiring.feedOptions(), settings.symbols(), timeout, DAEMONS, Time.SYSTEM, () -> 0.5),
                wiring.rest(new HttpTransport(Executors.newCachedThreadPool(DAEMONS)), wiring.requestBudget(), timeout),
                time);
    }

    private ExchangeChecks exchangeChecks() throws Exception {
        return exchangeChecks(Time.SYSTEM, PATIENCE);
    }

    private static Finding only(List<Finding> findings) {
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    private static Finding of(List<Finding> findings, String what) {
        return only(
                findings.stream().filter(finding -> finding.what().equals(what)).toList());
    }

    private static void assertFound(Finding finding, Level level, String... words) {
        assertThat(finding.level()).as(finding.toString()).isEqualTo(level);
        String text = String.join("\n", finding.lines());
        assertThat(List.of(words)).as(text).allMatch(text::contains);
        assertThat(text).doesNotContain("null");
    }

    // ---- the doctor

    @Test
    void everyCheckIsPrintedWhenItIsDoneAndOneFailureDecides() throws Exception {
        List<String> said = new ArrayList<>();
        List<Integer> printedBefore = new ArrayList<>();
        Doctor doctor = new Doctor(
                List.of(
                        () -> List.of(Finding.ok("one", "well")),
                        () -> {
                            printedBefore.add(said.size());
                            return List.of(
                                    Finding.fail("two", "broken", "fix it"), Finding.warn("three", "so so", "look"));
                        },
                        () -> {
                            printedBefore.add(said.size());
                            return List.of(Finding.ok("four", "well"));
                        }),
                said::add);

        assertThat(doctor.run()).isEqualTo(ExitCode.FOUND_WANTING);
        assertThat(printedBefore).containsExactly(1, 5);
        assertThat(said)
                .containsExactly(
                        "ok    one          well",
                        "fail  two          broken",
                        "                   -> fix it",
                        "warn  three        so so",
                        "                   -> look",
                        "ok    four         well",
                        "The collector would not work here: 1 failed, 1 warning");
    }

    @Test
    void warningsAloneAreNoFailure() throws Exception {
        assertThat(new Doctor(List.of(() -> List.of(Finding.warn("a", "b", "c"))), line -> {}).run())
                .isEqualTo(ExitCode.DONE);
    }

    // ---- the machine

    @ParameterizedTest
    @CsvSource({"16, FAIL", "17, OK", "25, OK", "26, WARN"})
    void javaVersionIsChecked(int feature, Level level) throws Exception {
        assertFound(only(machine(Said.well().java(feature)).java()), level, "Java " + feature);
    }

    @Test
    void lowOpenFileLimitIsAWarningByNumberOfSymbols() throws Exception {
        assertFound(
                only(machine(Said.well().openFiles(1_023)).openFiles()),
                Level.WARN,
                "at most 1023",
                "LimitNOFILE=1024");
        assertFound(only(machine(Said.well().openFiles(1_024)).openFiles()), Level.OK, "at most 1024");
        environment.put(
                "SYMBOL",
                String.join(
                        ",",
                        IntStream.range(100, 200)
                                .mapToObj(i -> "S" + i + "USDT")
                                .toList()));
        assertFound(only(machine(Said.well().openFiles(2_000)).openFiles()), Level.WARN, "100 symbols may need 2200");
    }

    @Test
    void openFileLimitIsReadFromProc() throws Exception {
        Path limits = home.resolve("limits");
        Files.writeString(limits, LIMITS.replace("%s", "1024"));
        assertThat(new Machine.OfProcess(limits).openFileLimit()).hasValue(1_024);
        Files.writeString(limits, LIMITS.replace("%s", "unlimited"));
        assertThat(new Machine.OfProcess(limits).openFileLimit()).hasValue(Long.MAX_VALUE);
        assertThat(new Machine.OfProcess(home.resolve("none")).openFileLimit()).isEmpty();
    }

    @Test
    void missingSpoolIsTestedAndNothingIsLeftBehind() throws Exception {
        List<Finding> findings = machine(Said.well()).directory();

        assertFound(of(findings, "spool"), Level.OK, "a/spool can be written and locked");
        assertThat(home.resolve("a")).doesNotExist();
    }

    @Test
    void existingSpoolIsLeftUnchanged() throws Exception {
        SpoolFiles.folder(home.resolve("a/spool"), Trades.BTCUSDT);
        Map<String, String> before = SpoolFiles.everything(home.resolve("a/spool/exchange=binance"));

        assertFound(of(machine(Said.well()).directory(), "spool"), Level.OK);
        assertThat(SpoolFiles.everything(home.resolve("a/spool/exchange=binance")))
                .isEqualTo(before);
        assertThat(home.resolve("a/spool").toFile().list()).containsExactly("exchange=binance");
    }

    @Test
    void unwritableSpoolFails() throws Exception {
        MachineChecks checks = machine(Said.well());
        Files.writeString(home.resolve("a"), "a file");
        assertFound(only(checks.directory()), Level.FAIL, "a/spool cannot be used", "LOCAL_DIR");
        assertThat(home.resolve("a")).hasContent("a file");
    }

    @Test
    void processUsingTheSpoolIsNamed() throws Exception {
        Files.createFile(
                SpoolFiles.folder(home.resolve("a/spool"), Trades.BTCUSDT).resolve(".lock"));

        List<Finding> findings = machine(Said.well().lockedBy(815)).directory();

        assertThat(findings.get(1).lines().get(0))
                .startsWith("warn")
                .contains("BTCUSDT is in use by process 815", "75");
    }

    @Test
    void spoolInMemoryIsAWarning() throws Exception {
        assertFound(
                of(machine(Said.well().type("tmpfs")).directory(), "file system"),
                Level.WARN,
                "does not survive a reboot",
                "/var/lib");
        assertFound(MachineChecks.survives(Path.of("/tmp/market-data"), "ext4"), Level.WARN, "below /tmp");
        assertFound(MachineChecks.survives(Path.of("/var/lib/market-data"), "ext4"), Level.OK, "ext4");
    }

    @Test
    void diskMustHoldTheSpoolLimit() throws Exception {
        settingsFile("spool: {max_bytes: 8MiB, min_free_bytes: 0}\n");
        assertFound(of(machine(Said.well()).directory(), "disk"), Level.OK, "spool.max_bytes 8 MiB");
        assertThat(machine(Said.well()).room()).isEqualTo(8 << 20);
        settingsFile("spool: {max_bytes: 1024GiB, min_free_bytes: 0}\n");
        assertFound(of(machine(Said.well()).directory(), "disk"), Level.WARN, "fills up before the spool", "MiB more");
        settingsFile("spool: {max_bytes: 1MiB, min_free_bytes: 1024GiB}\n");
        assertFound(of(machine(Said.well()).directory(), "disk"), Level.FAIL, "full, ingestion would pause");
        assertThat(machine(Said.well()).room()).isZero();
    }

    // ---- the exchange

    @Test
    void answeringExchangeIsOk() throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            Await.until("some trades", () -> exchange.issuedCount() > 50);
            ExchangeChecks checks = exchangeChecks();

            assertFound(only(checks.servers()), Level.OK, exchange.webSocketUri() + " answered in ");
            List<Finding> rest = checks.restAndClock();
            assertFound(of(rest, "rest"), Level.OK, exchange.restUri().toString());
            assertFound(of(rest, "clock"), Level.OK);
            assertFound(only(checks.symbols()), Level.OK, "BTCUSDT is traded");
            assertFound(
                    only(checks.outage(2L << 30, Duration.ofHours(1))), Level.OK, "spool 2.0 GiB = about ", " h at");
            assertThat(exchange.upgradeAttempts()).isEqualTo(1);
            assertThat(exchange.awaitConnections(0, PATIENCE))
                    .as("closed again")
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "451, HTTP 451, another region",
        "429, HTTP 429, wait 5 minutes",
        "418, HTTP 418, wait 2 minutes to 3 days",
        "403, HTTP 403, exchange's firewall",
        "404, HTTP 404, WS_URL",
        "503, HTTP 503, run doctor again later"
    })
    void refusalsAreExplained(int status, String seen, String remedy) throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            exchange.inflict(new Fault.RefuseUpgrades(status, Extent.always()));
            assertFound(only(exchangeChecks().servers()), Level.FAIL, seen, remedy);
        }
    }

    @Test
    void refusingServerIsAWarningWhenAnotherReplacesIt() throws Exception {
        try (ExchangeSimulator refusing = exchange();
                ExchangeSimulator other = exchange()) {
            refusing.inflict(new Fault.RefuseUpgrades(451, Extent.always()));
            environment.put("WS_URL", refusing.webSocketUri() + "," + other.webSocketUri());
            List<Finding> findings = exchangeChecks().servers();
            assertThat(findings).extracting(Finding::level).containsExactly(Level.WARN, Level.OK);

            environment.put("WS_URL", refusing.webSocketUri().toString());
            environment.put("WS_FALLBACK_URL", other.webSocketUri().toString());
            findings = exchangeChecks().servers();
            assertThat(findings).extracting(Finding::level).containsExactly(Level.WARN, Level.OK);

            refusing.inflict(new Fault.Heal());
            refusing.inflict(new Fault.RefuseUpgrades(503, Extent.always()));
            findings = exchangeChecks().servers();
            assertThat(findings)
                    .as("503 leads to no fallback")
                    .extracting(Finding::level)
                    .containsExactly(Level.FAIL, Level.OK);
        }
    }

    @Test
    void unansweringServerTimesOut() throws Exception {
        try (HostileServer server = HostileServer.start(HostileServer.Peer::ignore)) {
            environment.put("WS_URL", server.uri().toString());
            Finding finding =
                    only(exchangeChecks(Time.SYSTEM, Duration.ofMillis(300)).servers());
            assertFound(finding, Level.FAIL, "no answer within 300 ms", "firewall");
        }
    }

    @Test
    void refusedConnectionPointsToTheNetwork() throws Exception {
        URI nowhere;
        try (ExchangeSimulator gone = exchange()) {
            nowhere = gone.webSocketUri();
        }
        ExchangeChecks checks = exchangeChecks();
        assertFound(only(checks.servers()), Level.FAIL, nowhere.toString(), "Connection refused", "firewall");
        assertFound(only(checks.restAndClock()), Level.FAIL, "REST_URL", "no gap is backfilled");
        assertFound(only(checks.symbols()), Level.WARN, "not known");
        assertFound(only(checks.outage(1 << 30, Duration.ofHours(1))), Level.WARN, "not known");
    }

    @ParameterizedTest
    @CsvSource({"451, does not serve this location", "429, check what else uses this address", "403, staying away for"})
    void refusalsOfRestAreExplained(int status, String remedy) throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            exchange.inflict(new Fault.RestStatus(status, Extent.always()));
            Finding finding = only(exchangeChecks().restAndClock());
            assertFound(finding, Level.FAIL, "HTTP " + status);
            assertThat(finding.remedy()).contains(remedy);
        }
    }

    @Test
    void symbolsThatTheExchangeDoesNotKnowFail() throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            environment.put("SYMBOL", "BTCUSDT,NOSUCHUSDT");
            ExchangeChecks checks = exchangeChecks();
            checks.restAndClock();
            assertFound(only(checks.symbols()), Level.FAIL, "does not know NOSUCHUSDT", "78", "correct SYMBOL");
            assertThat(exchange.restRequests()).isNotEmpty();
        }
    }

    @Test
    void hostWithoutOldTradesIsAWarning() throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            ExchangeChecks checks = exchangeChecks();
            assertThat(checks.oldTrades()).as("before REST has answered").isEmpty();
            checks.restAndClock();
            checks.symbols();
            assertFound(only(checks.oldTrades()), Level.OK, "gaps can be filled");
            exchange.inflict(new Fault.DataOnlyHost(true));
            assertFound(only(checks.oldTrades()), Level.WARN, "HTTP 404", "only gaps among the newest 1000");
        }
    }

    @Test
    void ownWeightLimitIsNoFailure() throws Exception {
        settingsFile("backfill: {weight_per_minute: 50}\n");
        try (ExchangeSimulator exchange = exchange()) {
            ExchangeChecks checks = exchangeChecks();
            assertFound(of(checks.restAndClock(), "rest"), Level.OK);
            assertFound(only(checks.symbols()), Level.OK);
            assertFound(only(checks.oldTrades()), Level.OK);
            assertFound(
                    only(checks.outage(1 << 30, Duration.ofHours(1))), Level.WARN, "the configured limit of 50 weight");
            assertThat(exchange.restRequests()).doesNotContainKey("/api/v3/trades");
        }
    }

    @Test
    void wrongClockFails() throws Exception {
        try (ExchangeSimulator exchange = exchange()) {
            Time late = new Time() {
                @Override
                public long epochMicros() {
                    return Time.SYSTEM.epochMicros() - 3_600_000_000L;
                }

                @Override
                public long nanoTime() {
                    return Time.SYSTEM.nanoTime();
                }
            };
            assertFound(
                    of(exchangeChecks(late, PATIENCE).restAndClock(), "clock"),
                    Level.FAIL,
                    "behind the exchange's",
                    "chrony");
            assertThat(exchange.restRequests()).containsEntry("/api/v3/time", 2L);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "499, 0, OK",
        "500, 0, WARN",
        "-500, 0, WARN",
        "700, 201, OK",
        "4999, 0, WARN",
        "5000, 0, FAIL",
        "-9000, 100, FAIL"
    })
    void clockOffsetWithinTheRoundTripDoesNotCount(long offset, long doubt, Level level) {
        assertThat(ExchangeChecks.clock(offset, doubt).level()).isEqualTo(level);
    }

    @Test
    void outageBudgetFollowsTheRateAndIsComparedWithTheOption() throws Exception {
        // 45 trades/s in parts of 5 s: 60 + 675 bytes a second; 2 GiB last 811 h.
        assertThat(ExchangeChecks.bytesPerSecond(45, Duration.ofSeconds(5))).isEqualTo(735);
        // No trade, no part: one trade a minute is one small part a minute.
        assertThat(ExchangeChecks.bytesPerSecond(1 / 60.0, Duration.ofSeconds(5)))
                .isEqualTo(315 / 60.0);
        try (ExchangeSimulator exchange = exchange()) {
            Await.until("some trades", () -> exchange.issuedCount() > 50);
            ExchangeChecks checks = exchangeChecks();
            checks.restAndClock();
            checks.symbols();
            assertFound(
                    only(checks.outage(1 << 20, Duration.ofHours(24))),
                    Level.WARN,
                    "--outage asks for 24 h",
                    "spool.max_bytes");
        }
    }

    // ---- the bucket

    @Test
    void bucketIsTestedTwiceWithASelfDescribingObject() throws Exception {
        Finding finding = only(bucket(store).bucket());

        String key = "raw/doctor/_probe-local-001-" + ManualTime.START_MS + ".txt";
        assertFound(finding, Level.OK, key, "it stays");
        assertThat(store.attempts()).containsExactly(key, key);
        assertThat(new String(store.get(key), StandardCharsets.UTF_8))
                .contains("doctor", "local-001", "2025-01-15T14:12:16.567Z");
    }

    @Test
    void probeIsNotCountedAsData() throws Exception {
        assertFound(
                only(bucket(new DirectoryObjectStore(home.resolve("bucket"))).bucket()), Level.OK);
        assertThat(home.resolve("bucket/raw/doctor")).isNotEmptyDirectory();
        assertThat(new BucketCheck(home.resolve("bucket")).run().problems()).isEmpty();
    }

    @Test
    void storeErrorIsSplitIntoFaultAndRemedy() throws Exception {
        store.failWith(key -> Optional.of(new StoreException(
                StoreException.Kind.REFUSED,
                "s3://b/k: HTTP 403 InvalidAccessKeyId",
                "the credentials are unknown; correct them",
                null)));
        Finding finding = only(bucket(store).bucket());
        assertThat(finding)
                .isEqualTo(Finding.fail(
                        "bucket",
                        "s3://b/k: HTTP 403 InvalidAccessKeyId",
                        "the credentials are unknown; correct them"));
        store.failAlways(StoreException.Kind.UNAVAILABLE);
        assertFound(only(bucket(store).bucket()), Level.FAIL, "failed", "reached from here");
    }

    /** Answers the second put with a given outcome. */
    private record Second(ObjectStore.PutOutcome second, List<String> asked) implements ObjectStore {
        @Override
        public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) {
            asked.add(key);
            return asked.size() == 1 ? PutOutcome.STORED : second;
        }

        @Override
        public Optional<byte[]> get(String key, int maxBytes) {
            return Optional.empty();
        }

        @Override
        public String describe() {
            return "s3://my-bucket";
        }

        @Override
        public void close() {}
    }

    @Test
    void bucketThatOverwritesOrChangesBytesFails() throws Exception {
        assertFound(
                only(bucket(new Second(ObjectStore.PutOutcome.STORED, new ArrayList<>()))
                        .bucket()),
                Level.FAIL,
                "overwrote",
                "conditional puts");
        assertFound(
                only(bucket(new Second(ObjectStore.PutOutcome.NAME_TAKEN, new ArrayList<>()))
                        .bucket()),
                Level.FAIL,
                "other bytes",
                "a gateway");
    }

    @Test
    void monthlyCostOfAnInstanceIsThatOfPutsAndStorage() throws Exception {
        // 2 puts, 525,312 slots of 5 s in 30.4 days.
        assertFound(
                only(bucket(store).cost()), Level.OK, "1.05 million", "5.25 USD", "ROT_SECS=60 would cost 0.44 USD");
        environment.put("AWS_REGION", "ap-northeast-1");
        assertThat(only(bucket(store).cost()).detail())
                .startsWith(
                        "up to 1.05 million puts a month (ROT_SECS=5, 1 symbol, part and manifest): about 4.94 USD for"
                                + " this instance (list price of 2026-11, aws.amazon.com/s3/pricing), and 0.06 USD more each"
                                + " month for storage if all trade like BTCUSDT (docs/COST.md)");
        environment.put(
                "SYMBOL",
                String.join(
                        ",",
                        IntStream.range(100, 130)
                                .mapToObj(i -> "S" + i + "USDT")
                                .toList()));
        assertFound(only(bucket(store).cost()), Level.WARN, "148.14 USD", "1.80 USD more", "12.34 USD");
        environment.put("ROT_SECS", "60");
        assertThat(only(bucket(store).cost()).detail()).contains("12.34 USD").doesNotContain("would cost");
        environment.put("RAW_BUCKET", "file:bucket");
        assertFound(only(bucket(store).cost()), Level.OK, "none");
    }
}
