package io.marketdata.collector.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server on the loopback address whose behaviour on each connection a test scripts, byte by byte. */
public final class HostileServer implements AutoCloseable {

    /** What is done to a connection; when it returns, the connection is closed. */
    @FunctionalInterface
    public interface Behaviour {
        void serve(Peer peer) throws Exception;
    }

    private static final Pattern KEY = Pattern.compile("Sec-WebSocket-Key: (\\S+)", Pattern.CASE_INSENSITIVE);

    /** Added to the client's key (RFC 6455, 1.3). */
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final ServerSocket listener;
    private final AtomicInteger accepted = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile Behaviour behaviour;

    private HostileServer(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    }

    public static HostileServer start(Behaviour behaviour) throws IOException {
        HostileServer server = new HostileServer(behaviour);
        daemon("hostile-accept", server::acceptAll);
        return server;
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Connections accepted from now on meet this. */
    public void behave(Behaviour next) {
        behaviour = next;
    }

    public URI uri() {
        return URI.create("ws://127.0.0.1:" + listener.getLocalPort());
    }

    /** Connections accepted so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections that have not ended. */
    public int open() {
        return sockets.size();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                accepted.incrementAndGet();
                daemon("hostile-peer", () -> serve(socket));
            } catch (IOException e) {
                // closed; or the client is gone again
            }
        }
    }

    private void serve(Socket socket) {
        sockets.add(socket);
        try (socket) {
            socket.setTcpNoDelay(true);
            behaviour.serve(new Peer(socket));
        } catch (Exception e) {
            // tests observe the client, not the server
        } finally {
            sockets.remove(socket);
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

    /** The server's end of one connection. */
    public final class Peer {
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            this.in = socket.getInputStream();
            this.out = socket.getOutputStream();
        }

        /** Reads the head of the upgrade request. */
        public String request() throws IOException {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
                int c = in.read();
                if (c < 0) {
                    throw new IOException("no request");
                }
                head.write(c);
            }
            return head.toString(StandardCharsets.US_ASCII);
        }

        /** The answer that opens the connection. */
        public byte[] welcome(String moreHeaders) throws IOException, NoSuchAlgorithmException {
            Matcher key = KEY.matcher(request());
            if (!key.find()) {
                throw new IOException("no key");
            }
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key.group(1) + GUID).getBytes(StandardCharsets.US_ASCII));
            return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(digest) + "\r\n"
                            + moreHeaders + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }

        /** Reads the request and opens the connection. */
        public Peer open() throws IOException, NoSuchAlgorithmException {
            return send(welcome(""));
        }

        public Peer send(byte[] bytes) throws IOException {
            out.write(bytes);
            return this;
        }

        public Peer send(String ascii) throws IOException {
            return send(ascii.getBytes(StandardCharsets.US_ASCII));
        }

        /** One byte after the other, with pauses between. */
        public void drip(byte[] bytes, long pauseMs) throws IOException, InterruptedException {
            for (byte b : bytes) {
                out.write(b);
                pause(pauseMs);
            }
        }

        /** Sleeps, unless the test has ended. */
        public void pause(long ms) throws InterruptedException, IOException {
            if (closing.await(ms, TimeUnit.MILLISECONDS)) {
                throw new IOException("the test is over");
            }
        }

        /** Does nothing and reads nothing, until the test is over. */
        public void hang() throws InterruptedException {
            closing.await();
        }

        /** Reads without answering until the client has disconnected. */
        public void ignore() throws IOException {
            byte[] buffer = new byte[4_096];
            while (in.read(buffer) >= 0) {}
        }

        /** The connection ends with a TCP reset. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    /** An unmasked frame, as a server sends it. */
    public static byte[] frame(int firstByte, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 10);
        frame.put((byte) firstByte);
        if (payload.length < 126) {
            frame.put((byte) payload.length);
        } else if (payload.length < 65_536) {
            frame.put((byte) 126).putShort((short) payload.length);
        } else {
            frame.put((byte) 127).putLong(payload.length);
        }
        frame.put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    public static byte[] text(String text) {
        return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
    }
}
