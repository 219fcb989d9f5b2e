package io.marketdata.collector.simulator;

import io.marketdata.collector.testkit.Await;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A WebSocket client on a plain socket that records every frame as received and answers pings. */
final class RawClient implements AutoCloseable {

    private static final Pattern ID = Pattern.compile("\"t\":(\\d+)");

    /** @param opcode with the FIN bit, such as 0x81 */
    record Frame(int opcode, String payload) {}

    private final Socket socket;
    private final List<Frame> frames = new CopyOnWriteArrayList<>();
    private volatile String end = "";

    private RawClient(Socket socket) {
        this.socket = socket;
    }

    /** Sends an upgrade request and returns the head of the answer, and its body if it is not an upgrade. */
    static String upgrade(URI uri, String path) throws IOException {
        try (Socket socket = request(uri, path)) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            String head = head(in);
            return head.startsWith("HTTP/1.1 101")
                    ? head
                    : head + new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static RawClient open(URI uri, String path) throws IOException {
        Socket socket = request(uri, path);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        String head = head(in);
        if (!head.startsWith("HTTP/1.1 101")) {
            socket.close();
            throw new IOException(head);
        }
        RawClient client = new RawClient(socket);
        Thread reader = new Thread(() -> client.read(in), "raw-client");
        reader.setDaemon(true);
        reader.start();
        return client;
    }

    static Socket request(URI uri, String path) throws IOException {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String head(DataInputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        return head.toString();
    }

    private void read(DataInputStream in) {
        try {
            while (true) {
                int opcode = in.read();
                if (opcode < 0) {
                    end = "FIN";
                    return;
                }
                long length = in.readUnsignedByte();
                length = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
                if (length > 1 << 20) {
                    frames.add(new Frame(opcode, length + " bytes announced"));
                    return;
                }
                byte[] payload = in.readNBytes((int) length);
                frames.add(new Frame(
                        opcode,
                        opcode == 0x88
                                ? Integer.toString((payload[0] & 0xff) << 8 | payload[1] & 0xff)
                                : new String(payload, StandardCharsets.UTF_8)));
                if (opcode == 0x89) {
                    pong(payload);
                }
            }
        } catch (SocketException e) {
            end = String.valueOf(e.getMessage()).contains("reset") ? "RST" : e.toString();
        } catch (IOException e) {
            end = e.toString();
        }
    }

    /** Masked with zeroes. */
    private void pong(byte[] payload) throws IOException {
        byte[] frame = new byte[payload.length + 6];
        frame[0] = (byte) 0x8a;
        frame[1] = (byte) (0x80 | payload.length);
        System.arraycopy(payload, 0, frame, 6, payload.length);
        socket.getOutputStream().write(frame);
    }

    List<Frame> frames() {
        return List.copyOf(frames);
    }

    /** Payloads of one kind of frame. */
    List<String> payloads(int opcode) {
        return frames.stream()
                .filter(frame -> frame.opcode == opcode)
                .map(Frame::payload)
                .toList();
    }

    /** Trade ids, in the order of arrival. */
    List<Long> ids() {
        List<Long> ids = new ArrayList<>();
        for (String text : payloads(0x81)) {
            Matcher id = ID.matcher(text);
            if (id.find()) {
                ids.add(Long.parseLong(id.group(1)));
            }
        }
        return ids;
    }

    /** {@code FIN}, {@code RST}, or empty while it is open. */
    String end() {
        return end;
    }

    RawClient awaitTrades(int count) throws Exception {
        Await.until(count + " trades", () -> ids().size() >= count);
        return this;
    }

    RawClient awaitEnd() throws Exception {
        Await.until("end of the connection", () -> !end.isEmpty());
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
