package io.marketdata.collector.upload;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.spool.UnparsedFolder;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * An object of frames that were not understood: of a bucket in a directory, a copy of one of S3, or a file of the spool.
 *
 * @param name from its file name
 */
public record UnparsedObject(Path file, FramesName name) {

    /** A frame that was kept, when it was received (wall clock, µs since 1970 UTC), and why it was not understood. */
    public static final class Frame {
        private final byte[] bytes;
        private final long receivedMicros;
        private final String reason;

        Frame(byte[] bytes, long receivedMicros, String reason) {
            this.bytes = bytes;
            this.receivedMicros = receivedMicros;
            this.reason = reason;
        }

        /** As received; not to be changed. */
        public byte[] bytes() {
            return bytes;
        }

        public long receivedMicros() {
            return receivedMicros;
        }

        public String reason() {
            return reason;
        }
    }

    /**
     * How much could be read of an object.
     *
     * @param damagedLines lines that are no whole record, for example the last one that a crash has torn
     * @param fault why it could not be read to its end; empty if it was
     */
    public record Content(long damagedLines, String fault) {}

    /** Bytes; a frame of the greatest size, 1 MiB, takes six times as much if it is all control characters. */
    private static final int LONGEST_LINE = 7 << 20;

    /** A line has 9; a later version may add some. */
    private static final int MOST_TOKENS = 1_000;

    private static final Pattern FILE = Pattern.compile("(frames-.+)\\.jsonl(\\.gz|\\.open)?");
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST_LINE)
                    .maxTokenCount(MOST_TOKENS)
                    .build())
            .build());

    /** Every one below a directory, or below {@code unparsed/} in it if that exists; oldest first. */
    public static List<UnparsedObject> below(Path directory) throws IOException {
        Path unparsed = directory.resolve(UnparsedFolder.NAME);
        try (Stream<Path> files = Files.walk(Files.isDirectory(unparsed) ? unparsed : directory)) {
            return files.filter(Files::isRegularFile) // a pipe would block
                    .flatMap(file -> of(file).stream())
                    .sorted(Comparator.comparing(UnparsedObject::name).thenComparing(UnparsedObject::file))
                    .toList();
        }
    }

    private static Optional<UnparsedObject> of(Path file) {
        Matcher matcher = FILE.matcher(String.valueOf(file.getFileName()));
        return matcher.matches()
                ? FramesName.parse(matcher.group(1)).map(name -> new UnparsedObject(file, name))
                : Optional.empty();
    }

    /**
     * Reads its frames, up to where it is damaged.
     *
     * @param frames takes each at once, because all of them may not fit into memory
     */
    public Content read(Consumer<Frame> frames) {
        long damaged = 0;
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = new BufferedInputStream(isGzip() ? new GZIPInputStream(raw, 1 << 15) : raw)) {
            for (byte[] line = nextLine(in); line.length > 0; line = nextLine(in)) {
                Optional<Frame> frame = frame(line);
                if (frame.isPresent()) {
                    frames.accept(frame.get());
                } else {
                    damaged++;
                }
            }
            return new Content(damaged, "");
        } catch (IOException e) {
            return new Content(damaged, e.toString());
        }
    }

    /** With its line feed, unless the last line has none; empty at the end. */
    private static byte[] nextLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        do {
            c = in.read();
            if (c >= 0) {
                line.write(c);
            }
            if (line.size() > LONGEST_LINE) {
                throw new IOException("a line of more than " + LONGEST_LINE + " bytes");
            }
        } while (c >= 0 && c != '\n');
        return line.toByteArray();
    }

    private boolean isGzip() {
        return file.toString().endsWith(".gz");
    }

    private static Optional<Frame> frame(byte[] line) {
        if (line[0] != '{') {
            return Optional.empty(); // cheaper than an exception for each line of garbage
        }
        try {
            JsonNode record = JSON.readTree(line);
            JsonNode text = record.path("frame");
            JsonNode base64 = record.path("frame_base64");
            JsonNode received = record.path("recv_us");
            if (line[line.length - 1] != '\n'
                    || !received.isIntegralNumber()
                    || text.isTextual() == base64.isTextual()) {
                return Optional.empty();
            }
            byte[] bytes = text.isTextual() ? text.textValue().getBytes(StandardCharsets.UTF_8) : base64.binaryValue();
            return Optional.of(
                    new Frame(bytes, received.longValue(), record.path("reason").asText()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
