package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.FramedataImpl1;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.framing.TextFrame;

/**
 * One client of the fake exchange, after its upgrade. Reads on the thread that calls {@link #read}, writes on the one
 * that calls {@link #write}; what is written together goes into one socket write, and so into one TCP segment where it
 * fits, as on the real wire.
 */
final class StreamConnection {

    /** The real exchange buffers for slow readers, and then drops the connection; how much is not published. */
    private static final int MAX_QUEUED_BYTES = 8 << 20;

    /** A request in a longer frame is ignored without a word (binance-connector-rust issue 27). */
    private static final int MAX_REQUEST_FRAME = 4_096;

    private static final int MAX_CLIENT_FRAMES_PER_SECOND = 5;
    private static final int TOO_MANY_REQUESTS = 1_008;

    private final Socket socket;
    private final Draft_6455 draft;
    private final Subscriptions subscriptions;
    private final ExchangeOptions options;
    private final Time time;
    private final Consumer<String> journal;
    private final long openedNanos;

    @GuardedBy("this")
    private final Deque<byte[]> queue = new ArrayDeque<>();

    @GuardedBy("this")
    private int queuedBytes;

    @GuardedBy("this")
    private boolean closed;

    @GuardedBy("this")
    private long lastPingNanos;

    @GuardedBy("this")
    private String unansweredPing = "";

    @GuardedBy("this")
    private long unansweredSinceNanos;

    private long secondBeganNanos;
    private int framesThisSecond;

    StreamConnection(
            Socket socket, Subscriptions subscriptions, ExchangeOptions options, Time time, Consumer<String> journal) {
        this.socket = socket;
        this.draft = new Draft_6455();
        draft.setParseMode(Role.SERVER);
        this.subscriptions = subscriptions;
        this.options = options;
        this.time = time;
        this.journal = journal;
        this.openedNanos = time.nanoTime();
        this.lastPingNanos = openedNanos;
        this.secondBeganNanos = openedNanos;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    /** Sends the ticks this connection asked for, all in one write. */
    void deliver(List<Tick> ticks) {
        ByteArrayOutputStream burst = new ByteArrayOutputStream();
        boolean combined = subscriptions.isCombined();
        for (Tick tick : ticks) {
            if (subscriptions.has(tick.stream())) {
                appendText(burst, tick.payload(combined, tick.stream()));
            }
        }
        if (burst.size() > 0) {
            enqueue(burst.toByteArray());
        }
    }

    /** An unmasked text frame, RFC 6455 §5.2; by hand because it is made for every trade. */
    private static void appendText(ByteArrayOutputStream out, byte[] payload) {
        out.write(0x81);
        if (payload.length < 126) {
            out.write(payload.length);
        } else if (payload.length < 1 << 16) {
            out.write(126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(127);
            out.writeBytes(ByteBuffer.allocate(8).putLong(payload.length).array());
        }
        out.writeBytes(payload);
    }

    private synchronized void enqueue(byte[] bytes) {
        if (closed) {
            return;
        }
        if (queuedBytes + bytes.length > MAX_QUEUED_BYTES) {
            journal.accept("a reader was too slow and is dropped");
            drop();
            return;
        }
        queue.add(bytes);
        queuedBytes += bytes.length;
        notifyAll();
    }

    private void send(Framedata frame) {
        ByteBuffer bytes = draft.createBinaryFrame(frame);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        enqueue(copy);
    }

    private void sendText(String text) {
        TextFrame frame = new TextFrame();
        frame.setPayload(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        send(frame);
    }

    /** Announces the end, and ends when that has been written. */
    void close(int code, String reason) {
        journal.accept("connection closed: " + code + (reason.isEmpty() ? "" : " " + reason));
        CloseFrame frame = new CloseFrame();
        frame.setCode(code);
        frame.setReason(reason);
        send(frame);
        synchronized (this) {
            closed = true;
            notifyAll();
        }
    }

    /** Ends without a word. */
    synchronized void drop() {
        closed = true;
        queue.clear();
        notifyAll();
        try {
            socket.close();
        } catch (IOException e) {
            journal.accept("a socket could not be closed: " + e.getMessage());
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Pings, and closes what is due; called often. */
    void tick() {
        long now = time.nanoTime();
        if (now - openedNanos >= options.lifetime().toNanos()) {
            close(CloseFrame.GOING_AWAY, "");
            return;
        }
        boolean late;
        synchronized (this) {
            late = !unansweredPing.isEmpty()
                    && now - unansweredSinceNanos >= options.pongPatience().toNanos();
        }
        if (late) {
            close(TOO_MANY_REQUESTS, "Pong timeout");
            return;
        }
        pingWhenDue(now, options.pingInterval());
    }

    private void pingWhenDue(long now, Duration interval) {
        String payload;
        synchronized (this) {
            if (now - lastPingNanos < interval.toNanos()) {
                return;
            }
            lastPingNanos = now;
            payload = Long.toString(time.epochMillis());
            if (unansweredPing.isEmpty()) {
                unansweredPing = payload;
                unansweredSinceNanos = now;
            }
        }
        PingFrame ping = new PingFrame();
        ping.setPayload(ByteBuffer.wrap(payload.getBytes(StandardCharsets.US_ASCII)));
        send(ping);
    }

    /** Writes until the connection ends. */
    void write() throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        for (byte[] bytes = dequeue(); bytes.length > 0; bytes = dequeue()) {
            out.write(bytes);
        }
        socket.close();
    }

    /** Everything that waits, together; nothing when the connection is over. */
    private synchronized byte[] dequeue() throws InterruptedException {
        while (queue.isEmpty()) {
            if (closed) {
                return new byte[0];
            }
            wait();
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream(queuedBytes);
        queue.forEach(all::writeBytes);
        queue.clear();
        queuedBytes = 0;
        return all.toByteArray();
    }

    /** Reads what the client sends until the connection ends. */
    void read() throws IOException {
        byte[] buffer = new byte[8_192];
        InputStream in = socket.getInputStream();
        for (int n = in.read(buffer); n >= 0 && !isClosed(); n = in.read(buffer)) {
            try {
                for (Framedata frame : draft.translateFrame(ByteBuffer.wrap(buffer, 0, n))) {
                    received(frame);
                }
            } catch (InvalidDataException e) {
                close(e.getCloseCode(), "");
                return;
            }
        }
    }

    private void received(Framedata frame) {
        if (tooMany() && frame.getOpcode() != Opcode.CLOSING) {
            close(TOO_MANY_REQUESTS, "Too many requests");
            return;
        }
        switch (frame.getOpcode()) {
            case PING -> send(new PongFrame((PingFrame) frame));
            case PONG -> pong(text(frame));
            case CLOSING ->
                close(
                        ((CloseFrame) frame).getCloseCode() == CloseFrame.NOCODE
                                ? CloseFrame.NORMAL
                                : ((CloseFrame) frame).getCloseCode(),
                        "");
            case TEXT -> {
                if (frame.getPayloadData().remaining() + 8 <= MAX_REQUEST_FRAME) {
                    sendText(subscriptions.answer(text(frame)));
                }
            }
            case BINARY, CONTINUOUS -> journal.accept("a " + frame.getOpcode() + " frame was ignored");
        }
    }

    private boolean tooMany() {
        long now = time.nanoTime();
        if (now - secondBeganNanos >= 1_000_000_000L) {
            secondBeganNanos = now;
            framesThisSecond = 0;
        }
        return ++framesThisSecond > MAX_CLIENT_FRAMES_PER_SECOND;
    }

    /** Only a pong with the ping's own payload counts. */
    private synchronized void pong(String payload) {
        if (payload.equals(unansweredPing)) {
            unansweredPing = "";
        }
    }

    private static String text(Framedata frame) {
        ByteBuffer payload = ((FramedataImpl1) frame).getPayloadData().duplicate();
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
