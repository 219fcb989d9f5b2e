package io.marketdata.collector.e2e;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Reads the complete lines on the local disk, in any state of their part. */
final class SpoolReader {

    private static final Pattern LINE = Pattern.compile("\"t\":(\\d+),[^\\n]*}\\n");

    private static final Pattern SYMBOL = Pattern.compile("/symbol=[^/]+/");

    private SpoolReader() {}

    /** The spool of BTCUSDT of a collector with that working directory. */
    static Path spool(Path home) {
        return home.resolve("spool/exchange=binance/stream=trade/symbol=BTCUSDT");
    }

    /** Ids of all whole lines below the directories, sorted; a part that is there in two states counts once. */
    static List<Long> ids(Path... directories) throws IOException {
        TreeMap<String, List<Long>> byPart = new TreeMap<>();
        for (Path directory : directories) {
            for (Path file : files(directory)) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith("part-") && !name.endsWith(".tmp") && !name.endsWith(".bad")) {
                    Matcher symbol = SYMBOL.matcher(file.toString());
                    String part = (symbol.find() ? symbol.group() : "") + name.replaceFirst("\\.jsonl.*", "");
                    byPart.merge(part, read(file), (a, b) -> a.size() > b.size() ? a : b);
                }
            }
        }
        return byPart.values().stream().flatMap(List::stream).sorted().toList();
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (java.io.UncheckedIOException e) {
            return files(directory); // a file was deleted while it was listed
        }
    }

    private static List<Long> read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return file.toString().endsWith(".gz") ? ids(bytes) : idsIn(bytes);
    }

    /** Ids of the lines of a gzip object. */
    static List<Long> ids(byte[] gzip) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return idsIn(in.readAllBytes());
        }
    }

    private static List<Long> idsIn(byte[] lines) {
        List<Long> ids = new ArrayList<>();
        Matcher line = LINE.matcher(new String(lines, StandardCharsets.UTF_8));
        while (line.find()) {
            ids.add(Long.parseLong(line.group(1)));
        }
        return ids;
    }
}
