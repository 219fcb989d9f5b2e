package io.marketdata.collector.status;

import io.marketdata.collector.health.Health;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.status.StatusServer.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the HTTP server with the collector's pages and its threads. */
public final class StatusPages {

    /** Pages to be rendered that may wait; more are answered with 503. */
    private static final int QUEUED = StatusServer.MAX_CONNECTIONS;

    private static final String LIVE = "/health/live";
    private static final Logger LOG = LoggerFactory.getLogger(StatusPages.class);

    private StatusPages() {}

    /**
     * Opens the server.
     *
     * @param host name or address of this machine
     * @param port 0: none
     * @return null if there is none; a port in use is only a warning, because recording does not need the server
     */
    public static @Nullable StatusServer open(
            String host, int port, Metrics metrics, Health health, Supplier<@Nullable Board> board, Faults faults) {
        if (port == 0) {
            return null;
        }
        try {
            StatusServer server = listen(host, port, metrics, health, board, faults);
            LOG.info("Status: {}/, also /health and /metrics there", server.uri());
            return server;
        } catch (IOException e) {
            LOG.warn(
                    "No status page, health or metrics: port {} of {} is not available ({}). Starting anyway; set"
                            + " HTTP_PORT to a free port, or to 0 for none, and HTTP_HOST to an address of this machine",
                    port,
                    host,
                    e.toString());
            return null;
        }
    }

    /**
     * Opens the server on a port that must be free.
     *
     * @param host name or address of this machine
     * @param port 0: any
     * @throws IOException if the port is in use, or the host is not this machine
     */
    public static StatusServer listen(
            String host, int port, Metrics metrics, Health health, Supplier<@Nullable Board> board, Faults faults)
            throws IOException {
        InetAddress address = InetAddress.getByName(host);
        ThreadFactory threads = Threads.daemons("status");
        ThreadPoolExecutor renderer =
                new ThreadPoolExecutor(1, 1, 1, TimeUnit.MINUTES, new ArrayBlockingQueue<>(QUEUED), threads);
        renderer.allowCoreThreadTimeOut(true);
        StatusServer.Page live = accept -> live(faults);
        Map<String, StatusServer.Page> pages = Map.of(
                "/",
                new StatusPage(board),
                "/health",
                new HealthPage(health, Time.SYSTEM),
                LIVE,
                live,
                "/metrics",
                new MetricsPage(metrics.registry()));
        AllowedHosts hosts = new AllowedHosts(host, address.isLoopbackAddress());
        PageAnswers answers = new PageAnswers(pages, LIVE, hosts, faults, Time.SYSTEM);
        StatusServer server =
                new StatusServer(new InetSocketAddress(address, port), answers, renderer, threads, Time.SYSTEM);
        if (!address.isLoopbackAddress()) {
            LOG.warn(
                    "HTTP_HOST={}: whatever reaches {} can read the status page, health and metrics, without a"
                            + " password or encryption; nothing can be changed there. Restrict access with a firewall, or"
                            + " unset HTTP_HOST",
                    host,
                    server.uri());
        }
        return server;
    }

    /** The watchdog ends a process that hangs, so a process that answers is alive, unless a fault is ending it. */
    private static Answer live(Faults faults) {
        return faults.first().isDone() ? Answer.text(503, "ending after a fault\n") : Answer.text(200, "alive\n");
    }
}
