package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MisspeltNameTest {

    private static final List<String> SETTINGS = SettingsTable.ALL.stream()
            .map(Setting::variable)
            .filter(Objects::nonNull)
            .toList();

    /** Names from a systemd unit, a pod, CI jobs, a desktop session and the AWS SDK. */
    private static final String OTHERS = """
            HOME USER LOGNAME SHELL LANG LC_ALL LC_CTYPE LANGUAGE PATH PWD OLDPWD TERM TERM_PROGRAM COLORTERM SHLVL MAIL TZ
            EDITOR VISUAL PAGER LESS LS_COLORS DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR XDG_SESSION_ID
            XDG_DATA_DIRS XDG_CONFIG_DIRS DBUS_SESSION_BUS_ADDRESS DESKTOP_SESSION GDMSESSION SSH_AUTH_SOCK SSH_AGENT_PID
            SSH_CONNECTION SSH_CLIENT SSH_TTY GPG_AGENT_INFO HOSTNAME HOSTTYPE TMPDIR TEMP TMP LINES COLUMNS PS1 _ P9K_SSH
            INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET WATCHDOG_PID WATCHDOG_USEC LISTEN_FDS LISTEN_PID MAINPID
            RUNTIME_DIRECTORY STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY SYSTEMD_EXEC_PID
            MANAGERPID CREDENTIALS_DIRECTORY MEMORY_PRESSURE_WATCH MALLOC_ARENA_MAX
            KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT KUBERNETES_SERVICE_PORT_HTTPS KUBERNETES_PORT
            KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR REDIS_SERVICE_HOST REDIS_PORT HTTP_SERVICE_HOST
            HTTP_SERVICE_PORT REST_PORT WS_SERVICE_HOST POD_NAME POD_NAMESPACE POD_IP NODE_NAME NAMESPACE
            ECS_CONTAINER_METADATA_URI ECS_CONTAINER_METADATA_URI_V4 ECS_AGENT_URI container
            CI CI_JOB_ID CI_API_V4_URL CI_PIPELINE_URL CI_REPOSITORY_URL GITLAB_CI GITHUB_ACTIONS GITHUB_API_URL
            GITHUB_SERVER_URL GITHUB_WORKSPACE RUNNER_OS RUNNER_TEMP JENKINS_URL BUILD_URL JOB_URL BUILD_ID NODE_LABELS
            TEST_URL DB_URL DB_HOST DATABASE_URL REDIS_URL API_URL BASE_URL HOST_URL REPO_URL POST_URL APP_URL LOG_FILE
            LOG_DIR LOG_PATH LOG_FORMAT HTTP_HOST HTTPS_PORT SMTP_PORT FTP_PORT HOST PORT SERVER_PORT GRPC_PORT HTTP_ROOT
            INSTANCE_IP INSTANCE_TYPE LOCAL_IP LOCAL_DB LOCAL_PORT S3_BUCKET BUCKET REGION
            HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy FTP_PROXY
            JAVA_HOME JAVA_OPTS JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS CLASSPATH MAVEN_OPTS MAVEN_HOME M2_HOME
            AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_DEFAULT_REGION
            AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME AWS_WEB_IDENTITY_TOKEN_FILE
            AWS_STS_REGIONAL_ENDPOINTS AWS_EC2_METADATA_DISABLED AWS_EC2_METADATA_SERVICE_ENDPOINT AWS_MAX_ATTEMPTS
            AWS_RETRY_MODE AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT AWS_CA_BUNDLE AWS_ENDPOINT_URL
            AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL_SQS AWS_ENDPOINT_URL_SNS AWS_ENDPOINT_URL_SSO AWS_ENDPOINT_URL_EC2
            AWS_ENDPOINT_URL_ECS AWS_ENDPOINT_URL_CLOUDWATCH AWS_ENDPOINT_URL_DYNAMODB AWS_IGNORE_CONFIGURED_ENDPOINT_URLS
            AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_EXECUTION_ENV AWS_PAGER AWS_S3_US_EAST_1_REGIONAL_ENDPOINT
            AWS_REQUEST_CHECKSUM_CALCULATION AWS_RESPONSE_CHECKSUM_VALIDATION AWS_DEFAULTS_MODE
            """;

    @Test
    void noNameOfOtherProgramsIsAFalseAlarm() {
        assertThat(OTHERS.split("\\s+"))
                .hasSizeGreaterThan(180)
                .allSatisfy(name -> assertThat(MisspeltName.of(name, "value", SETTINGS))
                        .as(name)
                        .isEmpty());
        assertThat(SETTINGS)
                .allSatisfy(name -> assertThat(MisspeltName.of(name, "value", SETTINGS))
                        .as(name)
                        .isEmpty());
    }

    @Test
    void theAddressThatKubernetesSetsForAServiceIsNoMisspeltPort() {
        assertThat(MisspeltName.of("HTTPX_PORT", "tcp://10.0.0.1:80", SETTINGS)).isEmpty();
        assertThat(MisspeltName.of("HTTPX_PORT", "80", SETTINGS)).contains("HTTP_PORT");
    }

    @ParameterizedTest
    @CsvSource({
        "SYMBOLS, SYMBOL",
        "symbol, SYMBOL",
        "Symbols, SYMBOL",
        "RAW_BUKET, RAW_BUCKET",
        "RAW_BUKT, RAW_BUCKET",
        "RAWBUCKET, RAW_BUCKET",
        "raw-bucket, RAW_BUCKET",
        "raw_bucket, RAW_BUCKET",
        "ROT_SEC, ROT_SECS",
        "ROT_BTYES, ROT_BYTES",
        "AWS_ENDPOINT_URLS3, AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URI_S3, AWS_ENDPOINT_URL_S3",
        "AWS_ENPOINT_ULR_S3, AWS_ENDPOINT_URL_S3",
        "AWS_REGOIN, AWS_REGION",
        "LOGLEVEL, LOG_LEVEL",
        "LOCAL_DIRS, LOCAL_DIR",
        "HTTP_PROT, HTTP_PORT",
        "WS_URLS, WS_URL",
        "INSTANCEID, INSTANCE_ID",
        "COLLECTOR_SYMBOL, SYMBOL",
        "BINANCE_WS_URL, WS_URL",
        "MARKET_COLLECTOR_LOCAL_DIR, LOCAL_DIR",
        "COLECTOR_CONFIG, COLLECTOR_CONFIG",
    })
    void aNameCloseToASettingIsFound(String name, String setting) {
        assertThat(MisspeltName.of(name, "value", SETTINGS)).contains(setting);
    }

    @Test
    void everySingleSlipInEverySettingIsFound() {
        Random random = new Random(5);
        for (String setting : SETTINGS) {
            for (String slip : slips(setting, random)) {
                if (!SETTINGS.contains(slip)) {
                    assertThat(MisspeltName.of(slip, "value", SETTINGS))
                            .as(slip + " for " + setting)
                            .isPresent();
                }
            }
        }
    }

    /** A letter left out, doubled, swapped with the next one, or replaced, at each place. */
    private static List<String> slips(String name, Random random) {
        List<String> slips = new ArrayList<>();
        for (int i = 0; i < name.length(); i++) {
            String rest = name.substring(i + 1);
            slips.add(name.substring(0, i) + rest);
            slips.add(name.substring(0, i + 1) + name.charAt(i) + rest);
            slips.add(name.substring(0, i) + (char) ('J' + random.nextInt(3)) + rest);
            if (!rest.isEmpty()) {
                slips.add(name.substring(0, i) + rest.charAt(0) + name.charAt(i) + rest.substring(1));
            }
        }
        return slips;
    }
}
