package io.marketdata.collector.simulator;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Encodes unmasked server frames, RFC 6455 §5.2, without the library because every trade needs one. */
final class WireFrame {

    private static final int FINAL = 0x80;
    private static final int TEXT = 0x1;
    private static final int BINARY = 0x2;

    private WireFrame() {}

    static void appendText(ByteArrayOutputStream out, byte[] payload) {
        append(out, FINAL | TEXT, payload);
    }

    static byte[] text(String text) {
        return frame(FINAL | TEXT, text);
    }

    static byte[] binary(String text) {
        return frame(FINAL | BINARY, text);
    }

    private static byte[] frame(int firstByte, String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        append(out, firstByte, text.getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /** One message in three frames; a character may be split between two. */
    static byte[] fragments(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int third = bytes.length / 3;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        append(out, TEXT, java.util.Arrays.copyOfRange(bytes, 0, third));
        append(out, 0, java.util.Arrays.copyOfRange(bytes, third, 2 * third));
        append(out, FINAL, java.util.Arrays.copyOfRange(bytes, 2 * third, bytes.length));
        return out.toByteArray();
    }

    /** Only the header of a text frame. */
    static byte[] header(long length) {
        return ByteBuffer.allocate(10)
                .put((byte) (FINAL | TEXT))
                .put((byte) 127)
                .putLong(length)
                .array();
    }

    /** The bytes left in a frame of the library. */
    static byte[] bytes(ByteBuffer frame) {
        byte[] copy = new byte[frame.remaining()];
        frame.get(copy);
        return copy;
    }

    private static void append(ByteArrayOutputStream out, int firstByte, byte[] payload) {
        out.write(firstByte);
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
}
