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
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket connection of the exchange simulator after its upgrade. Reads on the thread that calls {@link #read}, writes on
 * the one that calls {@link #write}. Frames that are due together go into one socket write, and so into one TCP segment if
 * they fit, as at the exchange.
 */
final class StreamConnection {

    /** Bytes; a request in a longer frame is silently ignored (binance-connector-rust issue 27). */
    private static final int MAX_REQUEST_FRAME = 4_096;

    private static final int MAX_CLIENT_FRAMES_PER_SECOND = 5;
    private static final int TOO_MANY_REQUESTS = 1_008;

    private final long number;
    private final Socket socket;
    private final Draft_6455 draft;
    private final Subscriptions subscriptions;
    private final ExchangeOptions options;
    private final Time time;
    private final Consumer<String> journal;
    private final long openedNanos;
    private final Outbox outbox;
    private final TradeFaults tradeFaults;
    private final AtomicLong delivered = new AtomicLong();

    @GuardedBy("this")
    private long lastPingNanos;

    @GuardedBy("this")
    private String unansweredPing = "";

    @GuardedBy("this")
    private long unansweredSinceNanos;

    @GuardedBy("this")
    private long noticeNanos;

    /** Time after the notice; null: never. */
    @GuardedBy("this")
    private @Nullable Duration closeAfter;

    private long secondBeganNanos;
    private int framesThisSecond;

    /** @param number counts all connections since the start, from 1 */
    StreamConnection(
            long number,
            Socket socket,
            Subscriptions subscriptions,
            ExchangeOptions options,
            Time time,
            Consumer<String> journal) {
        this.number = number;
        this.socket = socket;
        this.draft = new Draft_6455();
        draft.setParseMode(Role.SERVER);
        this.subscriptions = subscriptions;
        this.options = options;
        this.time = time;
        this.journal = journal;
        this.openedNanos = time.nanoTime();
        this.outbox = new Outbox(time);
        this.tradeFaults = new TradeFaults(time);
        this.lastPingNanos = openedNanos;
        this.secondBeganNanos = openedNanos;
    }

    long number() {
        return number;
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    /** Trades sent so far. */
    long delivered() {
        return delivered.get();
    }

    int queuedBytes() {
        return outbox.queuedBytes();
    }

    Duration age() {
        return Duration.ofNanos(time.nanoTime() - openedNanos);
    }

    /** Sends the ticks of the subscribed streams, all in one write. */
    void deliver(List<Tick> ticks) {
        List<Tick> wanted =
                ticks.stream().filter(tick -> subscriptions.has(tick.stream())).toList();
        List<Tick> sent = wanted.isEmpty() || outbox.isFrozen() ? List.of() : tradeFaults.apply(wanted);
        if (!sent.isEmpty()) {
            boolean combined = subscriptions.isCombined();
            ByteArrayOutputStream burst = new ByteArrayOutputStream(sent.size() * 192);
            sent.forEach(tick -> WireFrame.appendText(burst, tick.payload(combined)));
            enqueue(burst.toByteArray());
            delivered.addAndGet(sent.size());
        }
    }

    void inflict(Fault.OfConnection fault) {
        if (fault instanceof Fault.Cut cut) {
            outbox.end(cut.how() == Fault.How.RST ? Outbox.Ending.RESET : Outbox.Ending.ORDERLY);
        } else if (fault instanceof Fault.Close close) {
            close(close.code(), close.reason());
        } else if (fault instanceof Fault.Stall stall) {
            tradeFaults.stall(stall.lasting());
        } else if (fault instanceof Fault.Freeze) {
            outbox.freeze();
        } else if (fault instanceof Fault.Lag lag) {
            outbox.lag(lag.by());
        } else if (fault instanceof Fault.Skip skip) {
            tradeFaults.skip(skip.trades());
        } else if (fault instanceof Fault.Repeat) {
            tradeFaults.repeat();
        } else if (fault instanceof Fault.Swap) {
            tradeFaults.swap();
        } else if (fault instanceof Fault.Forge forge) {
            tradeFaults.forge(forge.idsAhead());
        } else if (fault instanceof Fault.ShutdownNotice notice) {
            announce(notice);
        } else if (fault instanceof Fault.SendText send) {
            enqueue(WireFrame.text(send.text()));
        } else if (fault instanceof Fault.SendBinary send) {
            enqueue(WireFrame.binary(send.text()));
        } else if (fault instanceof Fault.SendFragments send) {
            enqueue(WireFrame.fragments(send.text()));
        } else if (fault instanceof Fault.SendHugeHeader send) {
            enqueue(WireFrame.header(send.bytes()));
        }
    }

    /** Ends lasting faults, except a freeze. */
    void heal() {
        tradeFaults.heal();
        outbox.lag(Duration.ZERO);
    }

    private void announce(Fault.ShutdownNotice notice) {
        boolean combined = notice.form() == Fault.Form.COMBINED
                || (notice.form() == Fault.Form.AUTO && subscriptions.isCombined());
        String event = "{\"e\":\"serverShutdown\",\"E\":" + time.epochMillis() + "}";
        enqueue(WireFrame.text(combined ? "{\"stream\":\"!serverShutdown\",\"data\":" + event + "}" : event));
        synchronized (this) {
            noticeNanos = time.nanoTime();
            closeAfter = notice.closeAfter();
        }
    }

    /** Sends bytes behind what is queued. */
    void enqueue(byte[] bytes) {
        if (!outbox.add(bytes)) {
            journal.accept("connection " + number + " dropped: its client reads too slowly");
            drop();
        }
    }

    private void send(Framedata frame) {
        enqueue(WireFrame.bytes(draft.createBinaryFrame(frame)));
    }

    /** Sends a close frame, and ends when it has been written. */
    void close(int code, String reason) {
        journal.accept("connection " + number + " closed: " + code + (reason.isEmpty() ? "" : " " + reason));
        CloseFrame frame = new CloseFrame();
        frame.setCode(code);
        frame.setReason(reason);
        send(frame);
        outbox.end(Outbox.Ending.ORDERLY);
    }

    /** Ends at once without a close frame. */
    void drop() {
        outbox.abandon();
        try {
            socket.close();
        } catch (IOException e) {
            journal.accept("connection " + number + " could not be closed: " + e.getMessage());
        }
    }

    /** Whether it has ended, or ends when the queue has been sent. */
    boolean isClosed() {
        return outbox.isOver();
    }

    /** Pings or closes the connection when due; called often. */
    void tick() {
        if (outbox.isFrozen() || outbox.isOver()) {
            return;
        }
        long now = time.nanoTime();
        boolean announced;
        boolean late;
        synchronized (this) {
            announced = closeAfter != null && now - noticeNanos >= closeAfter.toNanos();
            late = !unansweredPing.isEmpty()
                    && now - unansweredSinceNanos >= options.pongPatience().toNanos();
        }
        if (announced || now - openedNanos >= options.lifetime().toNanos()) {
            close(CloseFrame.GOING_AWAY, "");
        } else if (late) {
            close(TOO_MANY_REQUESTS, "Pong timeout");
        } else {
            pingWhenDue(now, options.pingInterval());
        }
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
        for (byte[] bytes = outbox.take(); bytes.length > 0; bytes = outbox.take()) {
            out.write(bytes);
        }
        if (outbox.ending() == Outbox.Ending.RESET) {
            socket.setSoLinger(true, 0);
        } else if (!socket.isClosed()) {
            socket.shutdownOutput();
        }
        socket.close();
    }

    /** Reads what the client sends until the connection ends. */
    void read() throws IOException {
        byte[] buffer = new byte[8_192];
        InputStream in = socket.getInputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            if (outbox.isFrozen() || outbox.isOver()) {
                continue;
            }
            try {
                for (Framedata frame : draft.translateFrame(ByteBuffer.wrap(buffer, 0, n))) {
                    received(frame);
                }
            } catch (InvalidDataException e) {
                close(e.getCloseCode(), "");
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
            case CLOSING -> {
                int code = ((CloseFrame) frame).getCloseCode();
                close(code == CloseFrame.NOCODE ? CloseFrame.NORMAL : code, "");
            }
            case TEXT -> {
                if (frame.getPayloadData().remaining() + 8 <= MAX_REQUEST_FRAME) {
                    enqueue(WireFrame.text(subscriptions.answer(text(frame))));
                }
            }
            case BINARY, CONTINUOUS -> journal.accept("ignored a frame with opcode " + frame.getOpcode());
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

    /** Only a pong with the payload of the ping counts. */
    private synchronized void pong(String payload) {
        if (payload.equals(unansweredPing)) {
            unansweredPing = "";
        }
    }

    private static String text(Framedata frame) {
        return new String(WireFrame.bytes(frame.getPayloadData().duplicate()), StandardCharsets.UTF_8);
    }
}
