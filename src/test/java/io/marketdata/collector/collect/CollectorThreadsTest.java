package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.simulator.ExchangeSimulator;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.store.DirectoryObjectStore;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.Exchange;
import io.marketdata.collector.testkit.Trades;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorThreadsTest {

    /** Threads that are not ours: the libraries' and the JDK's. */
    private static final Pattern OTHERS = Pattern.compile(
            "(WebSocket|HttpClient-|HTTP-Dispatcher|rest-|halt|exchange|idle-timeout-task|Thread-|ForkJoinPool|prometheus-).*");

    @TempDir
    private Path folder;

    @Test
    void everyThreadOfTheCollectorIsWatched() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        try (ExchangeSimulator exchange = Exchange.inventing(Trades.BTCUSDT, 100, false)) {
            Map<String, String> environment =
                    Exchange.environment(exchange, folder, "file:" + folder.resolve("bucket"));
            environment.put("CLOUDWATCH_METRICS", "on");
            Collector collector = Collector.start(
                    new SettingsLoader(environment, folder).load(),
                    new DirectoryObjectStore(folder.resolve("bucket")),
                    new LocalDisk(),
                    Time.SYSTEM,
                    new Faults(Time.SYSTEM, Duration.ofDays(1), Recording::exitCode));
            Await.until("two connections are open", () -> exchange.connectionCount() == 2);

            Set<String> started = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !before.contains(thread))
                    .map(Thread::getName)
                    .filter(name -> !OTHERS.matcher(name).matches())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(collector.watchdog().names())
                    .containsExactlyElementsOf(started)
                    .containsExactly(
                            "backfill",
                            "cloudwatch",
                            "connection-1.1",
                            "connection-2.1",
                            "connections",
                            "fsync",
                            "health",
                            "pack",
                            "rotate",
                            "rotate-backfilled",
                            "space",
                            "sweep",
                            "unparsed",
                            "upload-1",
                            "upload-2",
                            "upload-unparsed",
                            "watchdog");

            collector.stop();
            // each was woken from a wait that is longer than the stop's timeout
            assertThat(collector.watchdog().names())
                    .doesNotContain(
                            "connections", "backfill", "rotate", "rotate-backfilled", "pack", "upload-1", "upload-2");
            Await.until("none is left", () -> collector.watchdog().names().isEmpty());
        }
    }
}
