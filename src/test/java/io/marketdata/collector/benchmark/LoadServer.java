package io.marketdata.collector.benchmark;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.testkit.Samples;
import io.marketdata.collector.testkit.TlsKeys;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An exchange that is never what limits a measurement: it sends the same trades of BTCUSDT on a number of connections,
 * from the moment when all of them are open. A process of its own, so that its work counts for no other. It prints
 * {@code READY} with its ports, {@code OPEN} when it begins, and {@code SENT} with the times of the first and the last write.
 */
final class LoadServer {

    /** Bytes in a write as fast as they are read. */
    private static final int CHUNK = 1 << 18;

    private static final Pattern KEY = Pattern.compile("(?i)\r\nSec-WebSocket-Key: *(\\S+)");
    private static final String INFO = "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\"}]}";

    private final Load load;
    private final int trades;
    private final FrameBlock frames;
    private final List<OutputStream> clients = new ArrayList<>();

    /** When each trade was written, µs since 1970 UTC. */
    private final long[] sentMicros;

    private LoadServer(Load load, int trades) throws IOException {
        this.load = load;
        this.trades = trades;
        this.frames = FrameBlock.of(Samples.realFrames().orElse(null));
        this.sentMicros = new long[trades];
    }

    /** Arguments: load, trades, connections, key store, file for the times of sending as longs. */
    public static void main(String[] arguments) throws Exception {
        LoadServer server = new LoadServer(Load.parse(arguments[0]), Integer.parseInt(arguments[1]));
        HttpServer rest = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        rest.createContext("/", LoadServer::answer);
        rest.start();
        try (ServerSocket listener = listen(server.load, Path.of(arguments[3]))) {
            System.out.println(
                    "READY " + listener.getLocalPort() + " " + rest.getAddress().getPort());
            for (int i = Integer.parseInt(arguments[2]); i > 0; i--) {
                server.accept(listener.accept());
            }
            System.out.println("OPEN");
            server.send();
            server.writeTimes(Path.of(arguments[4]));
            System.out.println("SENT " + server.sentMicros[0] + " " + server.sentMicros[server.trades - 1]);
            // Until it is killed: a client whose connection is closed would connect again.
            while (true) {
                LockSupport.park();
            }
        }
    }

    private static ServerSocket listen(Load load, Path keys) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return load.tls()
                ? TlsKeys.serverSockets(keys).createServerSocket(0, 50, loopback)
                : new ServerSocket(0, 50, loopback);
    }

    /** No trade but those on the connections, and nothing to backfill. */
    private static void answer(HttpExchange exchange) throws IOException {
        String body = switch (exchange.getRequestURI().getPath()) {
            case "/api/v3/exchangeInfo" -> INFO;
            case "/api/v3/time" -> "{\"serverTime\":" + Time.SYSTEM.epochMillis() + "}";
            default -> "[]";
        };
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private void accept(Socket client) throws Exception {
        client.setTcpNoDelay(true);
        InputStream in = client.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            head.write(in.read());
        }
        Matcher key = KEY.matcher(head.toString(StandardCharsets.US_ASCII));
        if (!key.find()) {
            throw new IOException("not a WebSocket upgrade: " + head);
        }
        byte[] digest = MessageDigest.getInstance("SHA-1")
                .digest((key.group(1) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
        String answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n";
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        clients.add(client.getOutputStream());
        Thread reader = new Thread(() -> discard(in), "reads-client");
        reader.setDaemon(true);
        reader.start();
    }

    private static void discard(InputStream in) {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // the client has ended
        }
    }

    private void send() throws IOException {
        int perChunk = CHUNK / frames.start(1);
        long[] due = load.isFlatOut() ? null : load.due(trades, arrivals());
        long began = System.nanoTime();
        for (int i = 0; i < trades; ) {
            int end = i + 1;
            if (due == null) {
                end = Math.min(trades, i + perChunk);
            } else {
                while (end < trades && due[end] == due[i]) {
                    end++;
                }
                awaitNanos(began + due[i]);
            }
            end = Math.min(end, i + frames.size() - i % frames.size());
            write(i, end);
            i = end;
        }
    }

    private static void awaitNanos(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static Path arrivals() {
        return Samples.realFrames()
                .map(frames ->
                        frames.resolveSibling(frames.getFileName().toString().replace(".jsonl.gz", ".recv_ns.txt.gz")))
                .orElse(Path.of("none"));
    }

    private void write(int from, int to) throws IOException {
        int first = from % frames.size();
        long now = Time.SYSTEM.epochMicros();
        frames.patch(first, first + to - from, FrameBlock.FIRST_ID + from, now / 1_000);
        int begin = frames.start(first);
        for (OutputStream client : clients) {
            client.write(frames.bytes(), begin, frames.start(first + to - from) - begin);
        }
        Arrays.fill(sentMicros, from, to, now);
    }

    private void writeTimes(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (long sent : sentMicros) {
                out.writeLong(sent);
            }
        }
    }
}
