package io.marketdata.collector.feed;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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

    /** @param fallback used when every server refuses this location; null: none */
    Endpoints(List<URI> servers, @Nullable URI fallback) {
        this.servers = List.copyOf(servers);
        this.fallback = fallback;
    }

    /** The server for the next connection of a feed line: different for each line, and different after each failure. */
    URI pick(int line, int failures) {
        List<URI> open = new ArrayList<>(servers);
        open.removeAll(restricted);
        if (open.isEmpty() && fallback != null) {
            open.add(fallback);
        }
        // With no server left the process ends with its last connection; until then the choice does not matter.
        return open.isEmpty() ? servers.get(0) : open.get((line + failures) % open.size());
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
