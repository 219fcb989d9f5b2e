package io.marketdata.collector.audit;

import io.marketdata.collector.model.Symbol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.ZipInputStream;

/**
 * The exchange's own file of a symbol's trades of a day: {@code <SYMBOL>-trades-<day>.zip} with one CSV in it, and {@code
 * .CHECKSUM} beside it, or the CSV itself. Rows {@code id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch}, the time in ms,
 * and since 2025 in µs (github.com/binance/binance-public-data, README, read 2026-11).
 */
public final class ArchiveFile {

    private static final long MAX_TIME_MS = 9_999_999_999_999L; // a time with more digits is in microseconds
    private static final int MAX_LINE = 1_000;

    private final Path file;

    private ArchiveFile(Path file) {
        this.file = file;
    }

    /**
     * A trade in the archive.
     *
     * @param timeMs trade time, ms since 1970 UTC
     */
    record Row(long id, String price, String quantity, long timeMs, boolean buyerIsMaker) {}

    /** Takes each trade. */
    interface Reader {
        void accept(Row row) throws IOException;
    }

    /**
     * The file of a day.
     *
     * @param path the file, or a directory that holds it under its own name
     * @throws IOException if there is none, or its checksum is not the one beside it
     */
    public static ArchiveFile of(Path path, Symbol symbol, Period period) throws IOException {
        Path file = path;
        if (Files.isDirectory(path)) {
            String name = symbol + "-trades-" + period.day();
            file = Files.exists(path.resolve(name + ".zip"))
                    ? path.resolve(name + ".zip")
                    : path.resolve(name + ".csv");
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " does not exist; the exchange has it at data.binance.vision, below"
                    + " data/spot/daily/trades/" + symbol);
        }
        Path checksum = file.resolveSibling(file.getFileName() + ".CHECKSUM");
        if (Files.exists(checksum) && !Files.readString(checksum).strip().startsWith(digest(file))) {
            throw new IOException(
                    file + " does not have the SHA-256 of " + checksum.getFileName() + "; download both again");
        }
        return new ArchiveFile(file);
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(in, sha256).transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /**
     * Reads every row, in the order of the file.
     *
     * @throws IOException if it is not such a file; the message names the line
     */
    void read(Reader reader) throws IOException {
        try (InputStream in = csv();
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            long number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                boolean isHeading = number == 1 && !line.isEmpty() && !Character.isDigit(line.charAt(0));
                if (!isHeading) {
                    reader.accept(row(line, number));
                }
            }
        }
    }

    private InputStream csv() throws IOException {
        InputStream in = Files.newInputStream(file);
        if (!file.toString().endsWith(".zip")) {
            return in;
        }
        ZipInputStream zip = new ZipInputStream(in);
        if (zip.getNextEntry() == null) {
            zip.close();
            throw new IOException(file + " is not a zip file with a CSV in it");
        }
        return zip;
    }

    private Row row(String line, long number) throws IOException {
        String[] cells = line.length() > MAX_LINE ? new String[0] : line.split(",", -1);
        try {
            if (cells.length >= 6) {
                long time = Long.parseLong(cells[4]);
                long id = Long.parseLong(cells[0]);
                if (id >= 0 && time >= 0) {
                    return new Row(
                            id,
                            cells[1],
                            cells[2],
                            time > MAX_TIME_MS ? time / 1_000 : time,
                            cells[5].equalsIgnoreCase("true"));
                }
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IOException(file + ", line " + number + " is not a trade");
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
