package io.marketdata.collector.feed;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The servers that can be connected to. Connections spread over them, and a connection that fails goes on to the next one. A server
 * that refuses this location (HTTP 451) is not asked again; when none is left the market-data-only one is taken, if it is
 * allowed. One thread.
 */
final class Endpoints {

    private final List<URI> servers;
    private final @Nullable URI fallback;
    private final Set<URI> restricted = new LinkedHashSet<>();

    /** @param fallback taken when every server refuses this location; null: none */
    Endpoints(List<URI> servers, @Nullable URI fallback) {
        this.servers = List.copyOf(servers);
        this.fallback = fallback;
    }

    /** The server for a connection: another one for each connection, and another one after each failure. */
    URI pick(int connection, int failures) {
        List<URI> open = new ArrayList<>(servers);
        open.removeAll(restricted);
        if (open.isEmpty() && fallback != null) {
            open.add(fallback);
        }
        // With nothing left the process ends with its last connection; until then the first server is as good as any.
        return open.isEmpty() ? servers.get(0) : open.get((connection + failures) % open.size());
    }

    /** Notes that a server refuses this location. */
    void refusesLocation(URI server) {
        restricted.add(server);
    }

    /** Whether every server that may be asked refuses this location. */
    boolean allRefuse() {
        return restricted.containsAll(servers) && (fallback == null || restricted.contains(fallback));
    }

    /** Whether recording now depends on the market-data-only server. */
    boolean onFallback() {
        return fallback != null && restricted.containsAll(servers);
    }

    /** The servers that refuse, for people. */
    String refusing() {
        return restricted.stream().map(URI::getAuthority).collect(Collectors.joining(", "));
    }
}
