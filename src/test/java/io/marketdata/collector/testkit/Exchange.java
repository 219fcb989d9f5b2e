package io.marketdata.collector.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.simulator.ExchangeOptions;
import io.marketdata.collector.simulator.ExchangeSimulator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Exchange simulators, and the settings of a collector of them. */
public final class Exchange {

    private static final ThreadFactory DAEMONS = task -> {
        Thread thread = new Thread(task, "exchange");
        thread.setDaemon(true);
        return thread;
    };

    private Exchange() {}

    /** Replays a replay file. */
    public static ExchangeSimulator replaying(Path source, double speed, int startAfter) throws IOException {
        return replaying(source, speed, ExchangeOptions.defaults().startingAfter(startAfter));
    }

    /** The same, with options. */
    public static ExchangeSimulator replaying(Path source, double speed, ExchangeOptions options) throws IOException {
        return ExchangeSimulator.replaying(source, speed, options, DAEMONS, Time.SYSTEM, event -> {});
    }

    /** Invents trades. */
    public static ExchangeSimulator inventing(Symbol symbol, double rate, boolean flat) throws IOException {
        return inventing(symbol, rate, flat, ExchangeOptions.defaults());
    }

    /** The same, with options. */
    public static ExchangeSimulator inventing(Symbol symbol, double rate, boolean flat, ExchangeOptions options)
            throws IOException {
        return ExchangeSimulator.inventing(List.of(symbol), rate, flat, 7, options, DAEMONS, Time.SYSTEM, event -> {});
    }

    /** The same, of several symbols. */
    public static ExchangeSimulator inventing(List<Symbol> symbols, double rate, boolean flat, ExchangeOptions options)
            throws IOException {
        return ExchangeSimulator.inventing(symbols, rate, flat, 7, options, DAEMONS, Time.SYSTEM, event -> {});
    }

    /** The environment of a collector of that exchange, with its spool in {@code home/spool}. */
    public static Map<String, String> environment(ExchangeSimulator exchange, Path home, String bucket) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("WS_URL", exchange.webSocketUri().toString());
        environment.put("REST_URL", exchange.restUri().toString());
        environment.put("LOCAL_DIR", home.resolve("spool").toString());
        environment.put("RAW_BUCKET", bucket);
        return environment;
    }

    /** The same, into the bucket of a {@link StubS3} or an {@link S3ProxyServer}. */
    public static Map<String, String> environment(ExchangeSimulator exchange, Path home, URI s3) {
        return environment(
                exchange, home, S3ProxyServer.BUCKET, s3, S3ProxyServer.ACCESS_KEY, S3ProxyServer.SECRET_KEY);
    }

    /** The same, into an S3 server. */
    public static Map<String, String> environment(
            ExchangeSimulator exchange, Path home, String bucket, URI endpoint, String accessKey, String secretKey) {
        Map<String, String> environment = environment(exchange, home, bucket);
        environment.put("AWS_ENDPOINT_URL_S3", endpoint.toString());
        environment.put("AWS_REGION", "us-east-1");
        environment.put("AWS_ACCESS_KEY_ID", accessKey);
        environment.put("AWS_SECRET_ACCESS_KEY", secretKey);
        return environment;
    }

    /** Writes the settings file of a collector with that working directory. */
    public static void writeSettings(Path home, String yaml) throws IOException {
        Files.writeString(Files.createDirectories(home.resolve("configs")).resolve("collector.yaml"), yaml);
    }

    /** Stops the trades; the ids that were issued for the first symbol. */
    public static IdRange endTrades(ExchangeSimulator exchange) throws InterruptedException {
        exchange.stopTrades();
        assertThat(exchange.awaitEndOfTrades(5, TimeUnit.SECONDS)).isTrue();
        return exchange.issued(exchange.symbols().iterator().next()).orElseThrow();
    }
}
