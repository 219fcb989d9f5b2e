package io.marketdata.collector.status;

import io.marketdata.collector.health.Health;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.status.StatusServer.Answer;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the HTTP server with the collector's pages and its threads. */
public final class StatusPages {

    private static final int THREADS = 2;
    private static final int QUEUED = 8;
    private static final Logger LOG = LoggerFactory.getLogger(StatusPages.class);

    private StatusPages() {}

    /**
     * Opens the server.
     *
     * @param port 0: none
     * @return null if there is none; a port in use is only a warning, because recording does not need the server
     */
    public static @Nullable StatusServer open(
            int port, Metrics metrics, Health health, Supplier<@Nullable Board> board, Faults faults) {
        if (port == 0) {
            return null;
        }
        try {
            StatusServer server = listen(port, metrics, health, board, faults);
            LOG.info("Status: {}/, also /health and /metrics there", server.uri());
            return server;
        } catch (IOException e) {
            LOG.warn(
                    "No status page, health or metrics: port {} of 127.0.0.1 is not available ({}). Starting anyway; set"
                            + " HTTP_PORT to a free port, or to 0 for none",
                    port,
                    e.getMessage());
            return null;
        }
    }

    /**
     * Opens the server on a port that must be free.
     *
     * @param port 0: any
     * @throws IOException if the port is in use
     */
    public static StatusServer listen(
            int port, Metrics metrics, Health health, Supplier<@Nullable Board> board, Faults faults)
            throws IOException {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS, THREADS, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(QUEUED), Threads.daemons("status"));
        threads.allowCoreThreadTimeOut(true);
        StatusServer.Page live = accept -> live(faults);
        Map<String, StatusServer.Page> pages = Map.of(
                "/", new StatusPage(board),
                "/health", new HealthPage(health, Time.SYSTEM),
                "/health/live", live,
                "/metrics", new MetricsPage(metrics.registry()));
        StatusServer.limitRequests();
        return new StatusServer(port, pages, threads, faults);
    }

    /** The watchdog ends a process that hangs, so a process that answers is alive, unless a fault is ending it. */
    private static Answer live(Faults faults) {
        return faults.first().isDone() ? Answer.text(503, "ending after a fault\n") : Answer.text(200, "alive\n");
    }
}
