package io.marketdata.collector.feed;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a server for each connection. Feed lines spread over the servers, and a feed line whose connection fails uses
 * the next one. A server that refuses this location (HTTP 451) is not used again; when none is left, the
 * market-data-only server is used if it is configured. One thread.
 */
final class Endpoints {

    private final List<URI> servers;
    private final @Nullable URI fallback;
    private final Set<URI> restricted = new LinkedHashSet<>();

    /** Hosts that demand no connections, with the end of that, monotonic. */
    private final Map<String, Long> closedUntil = new HashMap<>();

    /** @param fallback used when every server refuses this location; null: none */
    Endpoints(List<URI> servers, @Nullable URI fallback) {
        this.servers = List.copyOf(servers);
        this.fallback = fallback;
    }

    /** The server for the next connection of a feed line: different for each line, and different after each failure. */
    URI pick(int line, int failures, long now) {
        List<URI> open = open(now);
        // Without one the process ends with its last connection, or waits; until then the choice does not matter.
        return open.isEmpty() ? servers.get(0) : open.get((line + failures) % open.size());
    }

    /** Whether a connection may be opened to any host now. */
    boolean isAnyOpen(long now) {
        return !open(now).isEmpty();
    }

    private List<URI> open(long now) {
        List<URI> open = new ArrayList<>(servers);
        open.removeAll(restricted);
        if (open.isEmpty()) {
            open.add(fallback != null ? fallback : servers.get(0));
        }
        open.removeIf(server -> isClosed(server, now));
        return open;
    }

    private boolean isClosed(URI server, long now) {
        Long until = closedUntil.get(server.getHost());
        return until != null && now - until < 0;
    }

    /** Opens no connection to this server's host before {@code nanos}; other hosts are not affected. */
    void closeUntil(URI server, long nanos) {
        closedUntil.merge(server.getHost(), nanos, (before, after) -> after - before > 0 ? after : before);
    }

    void refusesLocation(URI server) {
        restricted.add(server);
    }

    /** Whether every server, the fallback included, refuses this location. */
    boolean allRefuse() {
        return restricted.containsAll(servers) && (fallback == null || restricted.contains(fallback));
    }

    /** Whether recording now depends on the market-data-only server. */
    boolean onFallback() {
        return fallback != null && restricted.containsAll(servers);
    }

    /** The servers that refuse, for the log. */
    String refusing() {
        return restricted.stream().map(URI::getAuthority).collect(Collectors.joining(", "));
    }
}
