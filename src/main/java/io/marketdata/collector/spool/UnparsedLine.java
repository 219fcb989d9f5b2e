package io.marketdata.collector.spool;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Writes the line that keeps a frame: {@code recv_us}, {@code connection}, {@code reason}, and the frame as a JSON string
 * in {@code frame} if it is valid UTF-8, or in {@code frame_base64} if it is not. Either gives back every byte. Pure.
 */
final class UnparsedLine {

    private UnparsedLine() {}

    /**
     * The line of one frame, with a line feed at its end and none before.
     *
     * @param connection what delivered the frame
     * @param receivedMicros wall clock, µs since 1970 UTC
     */
    static byte[] of(String connection, String reason, byte[] frame, int offset, int length, long receivedMicros) {
        StringBuilder line = new StringBuilder(length + 128);
        line.append("{\"recv_us\":").append(receivedMicros).append(",\"connection\":");
        quote(line, connection);
        line.append(",\"reason\":");
        quote(line, reason);
        ByteBuffer bytes = ByteBuffer.wrap(frame, offset, length);
        try {
            // A new decoder reports what a String would silently replace.
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            line.append(",\"frame\":");
            quote(line, text);
        } catch (CharacterCodingException e) {
            bytes.position(offset);
            String base64 = StandardCharsets.US_ASCII
                    .decode(Base64.getEncoder().encode(bytes))
                    .toString();
            line.append(",\"frame_base64\":\"").append(base64).append('"');
        }
        return line.append("}\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void quote(StringBuilder line, String text) {
        line.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c >= ' ') {
                line.append(c);
            } else {
                line.append(c < 0x10 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
            }
        }
        line.append('"');
    }
}
