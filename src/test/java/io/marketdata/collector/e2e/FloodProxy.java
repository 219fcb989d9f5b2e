package io.marketdata.collector.e2e;

import io.marketdata.collector.model.Symbol;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Between a collector and an exchange: passes on the frames of the exchange as they are, in order, and sends frames of a
 * {@link Flood} between them.
 */
final class FloodProxy implements AutoCloseable {

    private static final Pattern TRADE_TIME = Pattern.compile("\"T\":(\\d{13})");
    private static final int TURNS_PER_SECOND = 100;

    private final ServerSocket listener;
    private final URI exchange;
    private final List<Symbol> symbols;
    private final Supplier<Flood> floods;
    private final int framesPerSecond;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicLong connections = new AtomicLong();
    private volatile boolean calm;

    /** @param floods one for each connection */
    FloodProxy(URI exchange, List<Symbol> symbols, int framesPerSecond, Supplier<Flood> floods) throws IOException {
        this.exchange = exchange;
        this.symbols = symbols;
        this.framesPerSecond = framesPerSecond;
        this.floods = floods;
        listener = new ServerSocket();
        // Small, so that pongs that are not read fill the collector's buffers soon.
        listener.setReceiveBufferSize(4_096);
        listener.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        daemon(this::acceptAll);
    }

    URI uri() {
        return URI.create("ws://127.0.0.1:" + listener.getLocalPort());
    }

    /** Connections accepted so far. */
    long connections() {
        return connections.get();
    }

    /** From now on only the frames of the exchange are sent. */
    void calm() {
        calm = true;
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "flood-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                connections.incrementAndGet();
                daemon(() -> serve(client));
            } catch (IOException e) {
                // closed, or the client has gone
            }
        }
    }

    private void serve(Socket client) {
        sockets.add(client);
        try (client;
                Socket server = new Socket(exchange.getHost(), exchange.getPort())) {
            sockets.add(server);
            client.setTcpNoDelay(true);
            new Session(client, server, floods.get()).run();
        } catch (IOException e) {
            // the other end has gone
        } finally {
            sockets.remove(client);
        }
    }

    @Override
    public void close() throws IOException {
        closing.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** One connection; whole frames are written under the lock of {@code out}. */
    private final class Session {
        private final Socket client;
        private final Socket server;
        private final Flood flood;
        private final OutputStream out;
        private volatile long timeMs;

        Session(Socket client, Socket server, Flood flood) throws IOException {
            this.client = client;
            this.server = server;
            this.flood = flood;
            this.out = client.getOutputStream();
        }

        void run() throws IOException {
            server.getOutputStream().write(head(client.getInputStream()));
            DataInputStream in = new DataInputStream(server.getInputStream());
            out.write(head(in));
            daemon(this::passUp);
            daemon(this::flood);
            while (true) {
                byte[] frame = frame(in);
                synchronized (out) {
                    out.write(frame);
                }
            }
        }

        private byte[] head(InputStream in) throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
                int c = in.read();
                if (c < 0) {
                    throw new IOException("no head");
                }
                head.write(c);
            }
            return head.toByteArray();
        }

        /** A frame of the exchange, which masks none. */
        private byte[] frame(DataInputStream in) throws IOException {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(in.readUnsignedByte());
            int length = in.readUnsignedByte();
            frame.write(length);
            if (length >= 126) {
                byte[] extended = in.readNBytes(length == 126 ? 2 : 8);
                frame.writeBytes(extended);
                length = 0;
                for (byte b : extended) {
                    length = length << 8 | b & 0xff;
                }
            }
            byte[] payload = in.readNBytes(length);
            frame.writeBytes(payload);
            Matcher time = TRADE_TIME.matcher(new String(payload, StandardCharsets.UTF_8));
            if (time.find()) {
                timeMs = Long.parseLong(time.group(1));
            }
            return frame.toByteArray();
        }

        private void passUp() {
            byte[] buffer = new byte[4_096];
            try (server) {
                InputStream in = client.getInputStream();
                while (true) {
                    // Subscribing, then nothing more for half a minute.
                    if (timeMs > 0 && flood.ignoresPongs() && !calm && closing.await(30, TimeUnit.SECONDS)) {
                        return;
                    }
                    int count = in.read(buffer);
                    if (count < 0) {
                        return;
                    }
                    server.getOutputStream().write(buffer, 0, count);
                }
            } catch (IOException | InterruptedException e) {
                // the connection has ended
            }
        }

        private void flood() {
            try {
                while (!calm && !closing.await(1_000 / TURNS_PER_SECOND, TimeUnit.MILLISECONDS)) {
                    ByteArrayOutputStream frames = new ByteArrayOutputStream();
                    for (int i = 0; timeMs > 0 && i < framesPerSecond / TURNS_PER_SECOND; i++) {
                        frames.writeBytes(flood.next(symbols.get(i % symbols.size()), timeMs));
                    }
                    synchronized (out) {
                        out.write(frames.toByteArray());
                    }
                }
            } catch (IOException | InterruptedException e) {
                // the connection has ended
            }
        }
    }
}
