package io.marketdata.collector.feed;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.model.Time;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.IncompleteHandshakeException;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.InvalidFrameException;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.Handshakedata;

/**
 * Decodes WebSocket frames (RFC 6455) with a short cut for the bulk of a market-data stream: whole, unfragmented text
 * frames. Their payload is handed out in place, without a copy, a {@code String} or a frame object; eight times less
 * work per message than in the library. All other frames (control, binary, fragmented, oversized) go to the library,
 * one whole frame at a time.
 *
 * <p>A bad frame does not affect the frames before it: the library would drop all frames that arrived in the same read.
 *
 * <p>One instance serves one connection, on its read thread.
 */
final class DirectDraft extends Draft_6455 {

    /** Receives the payload of a text frame; valid only during the call. */
    interface TextSink {
        void text(byte[] bytes, int offset, int length);
    }

    /** Receives the refusal of an upgrade: a status other than 101. */
    interface RefusalSink {
        /**
         * Called again when more of the answer has arrived.
         *
         * @param retryAfter {@code Retry-After}; empty if the answer has none
         * @param date {@code Date}; empty if the answer has none
         */
        void refused(int status, String retryAfter, String date);
    }

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})\\b");
    private static final Pattern RETRY_AFTER = header("Retry-After");
    private static final Pattern DATE = header("Date");
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int WHOLE_TEXT = 0x81;
    private static final int FIRST_CONTROL_OPCODE = 8;
    private static final int LONGEST_HEADER = 14;

    /** Longest accepted HTTP head, in bytes; the exchange's has a few hundred. */
    private static final int LONGEST_HEAD = 65_536;

    /** Fragments of one message: the library keeps a list of them, and empty ones have no bytes that would limit it. */
    private static final int MOST_FRAGMENTS = 1_024;

    /** Control frames in {@link #CONTROL_WINDOW_NANOS}: the exchange sends three. */
    private static final int MOST_CONTROL_FRAMES = 1_000;

    private static final long CONTROL_WINDOW_NANOS = 60_000_000_000L;

    /** Answers to pings that wait because the exchange does not read them; the library's queue has no limit. */
    private static final int MOST_UNSENT = 64;

    private final int maxFrame;
    private final TextSink sink;
    private final RefusalSink refusals;
    private final ThreadProgress threadProgress;
    private final Time time;

    /** The beginning of a frame that has not arrived completely. */
    private byte[] carry = new byte[1_024];

    private int carried;
    private boolean fragmented;
    private int fragments;
    private int controlFrames;
    private long controlSinceNanos;

    /**
     * @param maxFrame bytes; a longer frame ends the connection with code 1009, before memory is allocated for it
     * @param threadProgress busy while the bytes of one read are handled
     * @param time counts the control frames of a minute
     */
    DirectDraft(int maxFrame, TextSink sink, RefusalSink refusals, ThreadProgress threadProgress, Time time) {
        super(List.of(), maxFrame);
        this.maxFrame = maxFrame;
        this.sink = sink;
        this.refusals = refusals;
        this.threadProgress = threadProgress;
        this.time = time;
    }

    private static Pattern header(String name) {
        return Pattern.compile("\r\n" + name + ":([^\r\n]{0,300})\r\n", Pattern.CASE_INSENSITIVE);
    }

    private static String value(Pattern header, String head) {
        Matcher matcher = header.matcher(head);
        return matcher.find() ? matcher.group(1).strip() : "";
    }

    @Override
    public Draft copyInstance() {
        return new DirectDraft(maxFrame, sink, refusals, threadProgress, time);
    }

    @Override
    public void reset() {
        super.reset();
        carried = 0;
        fragmented = false;
        fragments = 0;
        controlFrames = 0;
    }

    /**
     * Reads the status of a refusal and its {@code Retry-After}, which the library does not expose. The library stops
     * at the first line of a refusal; this waits for the rest of the head, which may arrive in another TCP segment.
     */
    @Override
    public Handshakedata translateHandshake(ByteBuffer buffer) throws InvalidHandshakeException {
        String head = StandardCharsets.ISO_8859_1.decode(buffer.duplicate()).toString();
        boolean whole = head.contains("\r\n\r\n");
        if (!whole && head.length() > LONGEST_HEAD) {
            throw new InvalidHandshakeException("no end of the HTTP head within " + head.length() + " bytes");
        }
        Matcher status = STATUS.matcher(head);
        if (status.lookingAt() && Integer.parseInt(status.group(1)) != SWITCHING_PROTOCOLS) {
            refusals.refused(Integer.parseInt(status.group(1)), value(RETRY_AFTER, head), value(DATE, head));
            if (!whole) {
                throw new IncompleteHandshakeException(buffer.capacity() + 1_024);
            }
        }
        return super.translateHandshake(buffer);
    }

    @Override
    public List<Framedata> translateFrame(ByteBuffer buffer) throws InvalidDataException {
        threadProgress.busy();
        try {
            return handle(buffer);
        } finally {
            threadProgress.idle();
        }
    }

    @Override
    public void processFrame(WebSocketImpl socket, Framedata frame) throws InvalidDataException {
        threadProgress.busy();
        try {
            if (frame.getOpcode() == Opcode.PING && socket.outQueue.size() >= MOST_UNSENT) {
                throw new LimitExceededException(MOST_UNSENT + " answers to pings are not read", MOST_UNSENT);
            }
            super.processFrame(socket, frame);
        } finally {
            threadProgress.idle();
        }
    }

    private List<Framedata> handle(ByteBuffer buffer) throws InvalidDataException {
        byte[] bytes = buffer.array();
        int from = buffer.arrayOffset() + buffer.position();
        int end = from + buffer.remaining();
        buffer.position(buffer.limit());
        List<Framedata> others = List.of();
        if (carried > 0) {
            from = completeCarried(bytes, from, end);
            int whole = frameLength(carry, 0, carried);
            if (carried < whole) {
                return others;
            }
            carried = 0;
            others = frame(carry, 0, whole, others);
        }
        while (from < end) {
            int length = frameLength(bytes, from, end);
            if (length > end - from) {
                keep(bytes, from, end, length);
                return others;
            }
            others = frame(bytes, from, length, others);
            from += length;
        }
        return others;
    }

    /** Moves bytes to the carried frame until it is whole or none are left; returns the end of those bytes. */
    private int completeCarried(byte[] bytes, int from, int end) throws InvalidDataException {
        int at = from;
        while (at < end) {
            int missing = frameLength(carry, 0, carried) - carried;
            if (missing <= 0) {
                break;
            }
            int taken = Math.min(missing, end - at);
            append(bytes, at, taken);
            at += taken;
        }
        return at;
    }

    private void keep(byte[] bytes, int from, int end, int length) {
        if (carry.length < length) {
            carry = new byte[Math.max(length, LONGEST_HEADER)];
        }
        append(bytes, from, end - from);
    }

    private void append(byte[] bytes, int from, int count) {
        if (carry.length < carried + count) {
            carry = Arrays.copyOf(carry, Math.max(carried + count, carry.length * 2));
        }
        System.arraycopy(bytes, from, carry, carried, count);
        carried += count;
    }

    /**
     * Length of the frame that begins at {@code from}, header included; while the header is not whole, one byte more
     * than there are.
     *
     * @throws InvalidDataException if the announced length is not allowed
     */
    private int frameLength(byte[] bytes, int from, int end) throws InvalidDataException {
        int have = end - from;
        if (have < 2) {
            return have + 1;
        }
        int header = headerWithoutMask(bytes[from + 1]);
        if (have < header) {
            return have + 1;
        }
        long length = switch (header) {
            case 2 -> bytes[from + 1] & 0x7f;
            case 4 -> (bytes[from + 2] & 0xff) << 8 | (bytes[from + 3] & 0xff);
            default -> ByteBuffer.wrap(bytes, from + 2, 8).getLong();
        };
        if (length < 0 || length > maxFrame) {
            // Ends the connection with close code 1009, "too big".
            String message = "a frame of " + length + " bytes; at most " + maxFrame + " are allowed";
            throw new LimitExceededException(message, maxFrame);
        }
        int mask = (bytes[from + 1] & 0x80) == 0 ? 0 : 4;
        return header + mask + (int) length;
    }

    /** Bytes before the mask or, without one, before the payload; {@code second} is the second byte of the frame. */
    private static int headerWithoutMask(byte second) {
        int length = second & 0x7f;
        return length == 127 ? 10 : length == 126 ? 4 : 2;
    }

    private void countControlFrame() throws LimitExceededException {
        long now = time.nanoTime();
        if (controlFrames == 0 || now - controlSinceNanos >= CONTROL_WINDOW_NANOS) {
            controlFrames = 0;
            controlSinceNanos = now;
        }
        controlFrames++;
        atMost(MOST_CONTROL_FRAMES, controlFrames, "control frames in a minute");
    }

    /** Ends the connection beyond a limit. */
    private static void atMost(int limit, int count, String what) throws LimitExceededException {
        if (count > limit) {
            throw new LimitExceededException("more than " + limit + " " + what, limit);
        }
    }

    private List<Framedata> frame(byte[] bytes, int from, int length, List<Framedata> others)
            throws InvalidDataException {
        if ((bytes[from] & 0xff) == WHOLE_TEXT && (bytes[from + 1] & 0x80) == 0 && !fragmented) {
            int header = headerWithoutMask(bytes[from + 1]);
            sink.text(bytes, from + header, length - header);
            return others;
        }
        if ((bytes[from] & 0x0f) < FIRST_CONTROL_OPCODE) {
            fragmented = (bytes[from] & 0x80) == 0;
            fragments = fragmented ? fragments + 1 : 0;
            atMost(MOST_FRAGMENTS, fragments, "fragments of one message");
        } else {
            countControlFrame();
        }
        List<Framedata> all = others.isEmpty() ? new ArrayList<>() : others;
        try {
            all.addAll(super.translateFrame(ByteBuffer.wrap(bytes, from, length)));
        } catch (RuntimeException e) {
            // A fault of the library, for example a NullPointerException on a close frame whose reason is not UTF-8.
            throw new InvalidFrameException(e);
        }
        return all;
    }
}
