package io.marketdata.collector.config;

import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.route.ProxyRule;
import io.marketdata.collector.route.S3Dialect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads {@link Settings}. Precedence: environment, {@code .env} in the working directory, YAML file, defaults. Changes
 * nothing on the disk.
 */
public final class SettingsLoader {

    private static final Pattern SECRET =
            Pattern.compile("KEY|SECRET|TOKEN|PASSW|CREDENTIAL", Pattern.CASE_INSENSITIVE);

    private static final Pattern USER_OF_URL = Pattern.compile("(?:^|//)(?<user>[^/]*?(?::(?<password>.*))?)@");

    /** Characters; shorter values are not secrets, and redacting them would damage ordinary words. */
    private static final int SHORTEST_SECRET = 6;

    private final Map<String, String> environment;
    private final Path workingDirectory;
    private final FileTrust trust;

    /** @param workingDirectory holds {@code .env}; relative paths start from it */
    public SettingsLoader(Map<String, String> environment, Path workingDirectory) {
        this(environment, workingDirectory, FileTrust.of(environment));
    }

    SettingsLoader(Map<String, String> environment, Path workingDirectory, FileTrust trust) {
        this.environment = Map.copyOf(environment);
        this.workingDirectory = workingDirectory.toAbsolutePath();
        this.trust = trust;
    }

    /** Reads the environment and the working directory of this process. */
    public static SettingsLoader ofProcess() {
        return new SettingsLoader(ProcessText.environment(), Path.of(""));
    }

    /** A loader of the same settings, with another bucket; {@code bucket} is as in {@code RAW_BUCKET}. */
    public SettingsLoader storingIn(String bucket) {
        Map<String, String> changed = new HashMap<>(environment);
        changed.put(SettingsTable.RAW_BUCKET.name(), bucket);
        return new SettingsLoader(changed, workingDirectory, trust);
    }

    /**
     * Reads all sources again.
     *
     * @throws SettingsException with every problem, always in the same order
     */
    public Settings load() throws SettingsException {
        Problems problems = new Problems();
        Reading reading = new Reading(new Sources(environment, workingDirectory, trust, problems), workingDirectory);
        SettingsTable.ALL.forEach(setting -> reading.check(setting, problems));
        SettingsTable.ORDERED.forEach(pair -> reading.check(pair, problems));
        problems.throwIfAny();
        reading.checkBucketBesideSpool(problems);
        reading.checkProxies(problems);
        reading.checkAddressing(problems);
        problems.throwIfAny();
        return reading.settings(problems.warnings());
    }

    /** Whether the name of a variable marks its value as secret. */
    static boolean isSecret(String name) {
        return SECRET.matcher(name).find();
    }

    /**
     * Reads the directory of the spool and nothing else, for commands that inspect the spool and need no bucket.
     *
     * @throws SettingsException if it is invalid, or if a file that may set it cannot be read
     */
    public Path localDir() throws SettingsException {
        return only(SettingsTable.LOCAL_DIR);
    }

    /**
     * Reads the port of the status pages and nothing else.
     *
     * @throws SettingsException if it is invalid, or if a file that may set it cannot be read
     */
    public int httpPort() throws SettingsException {
        return only(SettingsTable.HTTP_PORT);
    }

    /**
     * Reads the host of the status pages and nothing else.
     *
     * @throws SettingsException if it is invalid, or if a file that may set it cannot be read
     */
    public String httpHost() throws SettingsException {
        return only(SettingsTable.HTTP_HOST);
    }

    /**
     * Reads the symbols and nothing else.
     *
     * @throws SettingsException if they are invalid, or if a file that may set them cannot be read
     */
    public List<Symbol> symbols() throws SettingsException {
        return only(SettingsTable.SYMBOL);
    }

    private <T> T only(Setting<T> setting) throws SettingsException {
        Problems problems = new Problems();
        Reading reading = new Reading(new Sources(environment, workingDirectory, trust, problems), workingDirectory);
        reading.check(setting, problems);
        problems.throwIfAny();
        return reading.value(setting);
    }

    /**
     * The values of all variables in the environment and in {@code .env} whose names mark them as secret, for redaction.
     * Nothing is checked.
     */
    public List<String> secrets() {
        Map<String, String> all = new HashMap<>(environment);
        new Sources(environment, workingDirectory, trust, new Problems())
                .dotEnv()
                .forEach(all::putIfAbsent);
        Stream<String> proxies = all.entrySet().stream()
                .filter(variable -> variable.getKey().toUpperCase(Locale.ROOT).endsWith("_PROXY"))
                .map(variable -> USER_OF_URL.matcher(variable.getValue()))
                .filter(Matcher::find)
                .flatMap(user -> Stream.of(user.group("user"), user.group("password")))
                .filter(Objects::nonNull);
        Stream<String> named = all.entrySet().stream()
                .filter(variable -> isSecret(variable.getKey()))
                .map(Map.Entry::getValue);
        return Stream.concat(proxies, named)
                .filter(value -> value.length() >= SHORTEST_SECRET)
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * Parses a duration as written in the settings: {@code 250ms}, {@code 5m}.
     *
     * @throws IllegalArgumentException with the reason
     */
    public static Duration duration(String text) {
        return Units.duration(text);
    }

    /** One pass over the sources. */
    private record Reading(Sources sources, Path workingDirectory) {

        void check(Setting<?> setting, Problems problems) {
            Stated stated = sources.find(setting);
            if (stated == null) {
                if (setting.required()) {
                    problems.add(
                            setting.name() + " (" + setting.description() + ") is not set, neither in the environment"
                                    + " nor in .env nor in the YAML file; allowed: "
                                    + setting.format().allowed());
                }
                return;
            }
            try {
                if (ProcessText.isDamaged(stated.text())) {
                    throw new IllegalArgumentException(
                            "has bytes that are not UTF-8, or that the locale of this process"
                                    + " cannot decode; set LANG=C.UTF-8 or write the value in .env");
                }
                setting.format().parse(stated.text(), workingDirectory);
            } catch (IllegalArgumentException e) {
                problems.add(setting.problem(stated, String.valueOf(e.getMessage())));
            }
        }

        void check(SettingsTable.Ordered pair, Problems problems) {
            Duration lesser;
            Duration greater;
            try {
                lesser = value(pair.lesser());
                greater = value(pair.greater());
            } catch (IllegalArgumentException e) {
                return; // reported already
            }
            Stated stated = sources.find(pair.lesser());
            if (stated != null && lesser.compareTo(greater) > 0) {
                problems.add(pair.lesser()
                        .problem(stated, "longer than " + pair.greater().name() + ", which is " + Units.text(greater)));
            }
        }

        /** Call only after the checks of both settings have passed. */
        void checkBucketBesideSpool(Problems problems) {
            Path spool = value(SettingsTable.LOCAL_DIR);
            if (value(SettingsTable.RAW_BUCKET) instanceof StoreTarget.Directory bucket && bucket.overlaps(spool)) {
                problems.add("RAW_BUCKET=" + Problems.quoted(bucket.describe()) + " and LOCAL_DIR="
                        + Problems.quoted(spool.toString()) + ": one contains the other, so the bucket"
                        + " would be mixed with the spool; allowed: two directories beside each other. Set RAW_BUCKET or"
                        + " LOCAL_DIR to another directory");
            }
        }

        /** Call only after the checks of the settings have passed. */
        void checkProxies(Problems problems) {
            try {
                proxies();
            } catch (IllegalArgumentException e) {
                problems.add(String.valueOf(e.getMessage()));
            }
        }

        private ProxyRule proxies() {
            return ProxySources.rule(
                    valueOrNull(SettingsTable.HTTPS_PROXY),
                    valueOrNull(SettingsTable.HTTP_PROXY),
                    valueOrNull(SettingsTable.ALL_PROXY),
                    valueOrNull(SettingsTable.NO_PROXY));
        }

        /** Call only after every check has passed. */
        Settings settings(List<String> warnings) {
            return new Settings(
                    value(SettingsTable.SYMBOL),
                    value(SettingsTable.INSTANCE_ID),
                    store(),
                    new Settings.Routes(proxies(), value(SettingsTable.ALLOW_HTTP_ENDPOINT), null, null),
                    feed(),
                    rest(),
                    spool(),
                    new Settings.Unparsed(
                            value(SettingsTable.UNPARSED_MAX_BYTES_PER_HOUR),
                            value(SettingsTable.UNPARSED_MAX_DISK_BYTES)),
                    upload(),
                    new Settings.Index(value(SettingsTable.INDEX_ENABLED), value(SettingsTable.INDEX_DELAY)),
                    value(SettingsTable.SHUTDOWN_BUDGET),
                    cloudWatch(),
                    new Settings.Watchdog(value(SettingsTable.RECORDING_LIMIT), value(SettingsTable.UPLOAD_LIMIT)),
                    value(SettingsTable.LOG_LEVEL),
                    value(SettingsTable.HTTP_PORT),
                    value(SettingsTable.HTTP_HOST),
                    warnings);
        }

        private Settings.Feed feed() {
            return new Settings.Feed(
                    value(SettingsTable.WS_URL),
                    valueOrNull(SettingsTable.WS_FALLBACK_URL),
                    value(SettingsTable.WS_CONNECTIONS),
                    value(SettingsTable.CONNECT_TIMEOUT),
                    value(SettingsTable.IDLE_TIMEOUT),
                    new Backoff(value(SettingsTable.RECONNECT_FIRST), value(SettingsTable.RECONNECT_MAX)),
                    value(SettingsTable.CONNECT_ATTEMPTS),
                    value(SettingsTable.MAX_FRAME),
                    value(SettingsTable.MAX_AGE),
                    value(SettingsTable.MAX_AGE_JITTER),
                    value(SettingsTable.STALE_AFTER),
                    value(SettingsTable.MAX_LAG));
        }

        private Settings.Rest rest() {
            return new Settings.Rest(
                    value(SettingsTable.REST_URL),
                    valueOrNull(SettingsTable.BINANCE_API_KEY),
                    value(SettingsTable.BACKFILL_GRACE),
                    value(SettingsTable.BACKFILL_GIVE_UP),
                    value(SettingsTable.BACKFILL_MAX_IDS),
                    value(SettingsTable.REST_WEIGHT));
        }

        private Settings.Spool spool() {
            return new Settings.Spool(
                    value(SettingsTable.LOCAL_DIR),
                    value(SettingsTable.ROT_BYTES),
                    Duration.ofSeconds(value(SettingsTable.ROT_SECS)),
                    value(SettingsTable.FSYNC_INTERVAL),
                    value(SettingsTable.SWEEP_INTERVAL),
                    value(SettingsTable.SPOOL_MAX_BYTES),
                    value(SettingsTable.SPOOL_MIN_FREE_BYTES));
        }

        private Settings.Upload upload() {
            return new Settings.Upload(
                    value(SettingsTable.UPLOAD_WORKERS),
                    value(SettingsTable.GZIP_LEVEL),
                    value(SettingsTable.UPLOAD_ATTEMPTS),
                    value(SettingsTable.ATTEMPT_TIMEOUT),
                    value(SettingsTable.CALL_TIMEOUT),
                    new Backoff(value(SettingsTable.RETRY_FIRST), value(SettingsTable.RETRY_MAX)));
        }

        private Settings.CloudWatch cloudWatch() {
            return new Settings.CloudWatch(
                    value(SettingsTable.CLOUDWATCH_METRICS),
                    value(SettingsTable.CLOUDWATCH_NAMESPACE),
                    valueOrNull(SettingsTable.AWS_REGION),
                    value(SettingsTable.CLOUDWATCH_INTERVAL));
        }

        private StoreTarget store() {
            StoreTarget target = value(SettingsTable.RAW_BUCKET);
            return target instanceof StoreTarget.S3 s3
                    ? new StoreTarget.S3(
                            s3.bucket(),
                            valueOrNull(SettingsTable.AWS_REGION),
                            valueOrNull(SettingsTable.AWS_ENDPOINT_URL_S3),
                            new S3Dialect(
                                    value(SettingsTable.S3_ENCRYPTION),
                                    value(SettingsTable.S3_ADDRESSING),
                                    value(SettingsTable.S3_CONDITIONAL_PUT),
                                    value(SettingsTable.S3_CHECKSUM)))
                    : target;
        }

        /** Call only after every setting has passed its own check. */
        void checkAddressing(Problems problems) {
            if (store() instanceof StoreTarget.S3 s3) {
                s3.addressingProblem().ifPresent(problem -> problems.add("S3_ADDRESSING=\"virtual\": " + problem));
            }
        }

        private <T> T value(Setting<T> setting) {
            T value = valueOrNull(setting);
            if (value == null) {
                throw new IllegalArgumentException(setting.name() + " is not set");
            }
            return value;
        }

        private <T> @Nullable T valueOrNull(Setting<T> setting) {
            Stated stated = sources.find(setting);
            return stated == null ? null : setting.format().parse(stated.text(), workingDirectory);
        }
    }
}
