package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Files of a spool, written by hand, without the product's own classes. */
public final class SpoolFiles {

    private SpoolFiles() {}

    /** The folder of a symbol's files. */
    public static Path folder(Path localDir, Symbol symbol) throws IOException {
        return Files.createDirectories(localDir.resolve("exchange=binance/stream=trade/symbol=" + symbol.encoded()));
    }

    /** Lines of consecutive trades, 1 ms apart. */
    public static String lines(long firstId, int count, long firstTradeTimeMs) {
        return LongStream.range(0, count)
                .mapToObj(i -> Trades.line(firstId + i, firstTradeTimeMs + i))
                .collect(Collectors.joining());
    }

    public static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** Every file and directory below: name, size, when it was written, and what it holds. */
    public static Map<String, String> everything(Path root) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.toList()) {
                all.put(
                        root.relativize(path).toString(),
                        Files.getLastModifiedTime(path) + " " + Files.size(path) + " "
                                + (Files.isRegularFile(path)
                                        ? Sha256.of(Files.readAllBytes(path)).hex()
                                        : "directory"));
            }
        }
        return all;
    }
}
