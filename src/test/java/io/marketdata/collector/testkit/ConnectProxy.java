package io.marketdata.collector.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A forward proxy for CONNECT. Leads made-up names to ports of this machine, so that a test sees that nothing else resolves
 * them. Records every destination.
 */
public final class ConnectProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final @Nullable String authorization;
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    private final List<String> heads = new ArrayList<>();

    /** @param authorization the header that it demands; null: none */
    public ConnectProxy(@Nullable String authorization) throws IOException {
        this.authorization = authorization;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::acceptAll);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on a destination, {@code host:port}, is that port of this machine. */
    public ConnectProxy leads(String destination, int port) {
        ports.put(destination, port);
        return this;
    }

    /** The first line and the headers of each request. */
    public synchronized List<String> heads() {
        return List.copyOf(heads);
    }

    /** The destinations of the tunnels that it opened or refused. */
    public List<String> destinations() {
        return heads().stream().map(head -> head.split(" ")[1]).toList();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            String head = head(client.getInputStream());
            synchronized (this) {
                heads.add(head);
            }
            String destination = head.split(" ")[1];
            Integer port = ports.get(destination);
            if (authorization != null && !head.contains("Proxy-Authorization: " + authorization + "\r\n")) {
                answer(client, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"");
            } else if (!head.startsWith("CONNECT ") || port == null) {
                answer(client, "403 Forbidden");
            } else {
                try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                    answer(client, "200 Connection established");
                    threads.execute(() -> copy(server, client));
                    copy(client, server);
                }
            }
        } catch (IOException e) {
            // one of the two ended
        }
    }

    private static void answer(Socket client, String status) throws IOException {
        String end = status.startsWith("200") ? "" : "Content-Length: 0\r\n";
        client.getOutputStream()
                .write(("HTTP/1.1 " + status + "\r\n" + end + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of the two ended
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
