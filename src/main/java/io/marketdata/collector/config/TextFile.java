package io.marketdata.collector.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the small text files that hold settings. */
final class TextFile {

    /** About ten times the commented YAML file; a larger file is the wrong one. */
    static final int MAX_BYTES = 64 * 1024;

    private TextFile() {}

    /** @throws IOException whose message says what is wrong with the file, without its name */
    static String read(Path file, FileTrust trust) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(Files.exists(file) ? "is not a regular file" : "does not exist");
        }
        trust.require(file);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw new IOException("cannot be read by this user", e);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException("is larger than " + Units.text(MAX_BYTES));
        }
        return decode(bytes);
    }

    private static String decode(byte[] bytes) throws IOException {
        try {
            CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
            String text = strict.decode(ByteBuffer.wrap(bytes)).toString();
            // Some editors start a file with a byte order mark; it would become part of the first name.
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IOException("is not UTF-8 text", e);
        }
    }
}
