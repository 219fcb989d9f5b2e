package io.marketdata.collector.audit;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import java.io.BufferedReader;
import java.io.Closeable;
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
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The exchange's own file of a symbol's trades of a day: {@code <SYMBOL>-trades-<day>.zip} with the CSV of that name in it,
 * and {@code .CHECKSUM} beside it, or the CSV itself. Rows {@code id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch}, the
 * time in ms, and since 2025 in µs (github.com/binance/binance-public-data, README, read 2026-11). No row names the
 * symbol, so the name of the file must.
 */
public final class ArchiveFile {

    private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,40}(\\.[0-9]{1,40})?");
    private static final long MIN_TIME_MS = 1_000_000_000_000L;
    private static final long MAX_TIME_MS = 9_999_999_999_999L; // a time with more digits is in microseconds
    private static final int MAX_LINE = 1_000;

    private final Path file;
    private final Period day;

    private ArchiveFile(Path file, Period day) {
        this.file = file;
        this.day = day;
    }

    /** Thrown for a file that is missing, damaged or another one than was asked for. The message says what to do. */
    public static final class UnusableException extends IOException {
        private static final long serialVersionUID = 1;

        public UnusableException(String message) {
            super(message);
        }

        UnusableException(String message, IOException cause) {
            super(message, cause);
        }
    }

    /**
     * A trade in the archive.
     *
     * @param price decimal, exactly as in the file
     * @param quantity decimal, exactly as in the file
     * @param timeMs trade time, ms since 1970 UTC; microseconds are cut off
     */
    public record Row(long id, String price, String quantity, long timeMs, boolean buyerIsMaker, boolean bestMatch) {}

    /** How the exchange names the file of a day, without {@code .zip} or {@code .csv}. */
    static String name(Symbol symbol, LocalDate day) {
        return symbol + "-trades-" + day;
    }

    /**
     * The file of a day. Nothing of it is read yet.
     *
     * @param path the file, or a directory that holds it, under the exchange's name
     * @throws UnusableException if there is none
     */
    public static ArchiveFile of(Path path, Symbol symbol, Period period) throws UnusableException {
        String name = name(symbol, period.day());
        Path file = path;
        if (Files.isDirectory(path)) {
            Path zip = path.resolve(name + ".zip");
            file = Files.exists(zip) ? zip : path.resolve(name + ".csv");
        }
        if (!Files.isRegularFile(file)) {
            throw new UnusableException(file + " does not exist; the exchange has it at data.binance.vision, below"
                    + " data/spot/daily/trades/" + symbol);
        }
        String itsName = String.valueOf(file.getFileName());
        if (!itsName.equals(name + ".zip") && !itsName.equals(name + ".csv")) {
            throw new UnusableException(file + " is not " + name
                    + ".zip or .csv: only the name says which symbol and day a" + " file holds; give that file");
        }
        return new ArchiveFile(file, Period.day(period.day()));
    }

    private static UnusableException unreadable(Path file, IOException e) {
        return e instanceof UnusableException unusable
                ? unusable
                : new UnusableException(
                        file + " cannot be read to its end: " + LogText.of(e.toString()) + "; download it again", e);
    }

    /**
     * Compares it with the checksum beside it.
     *
     * @return whether there was one
     * @throws UnusableException if it is another file's
     */
    public boolean check() throws UnusableException {
        Path checksum = file.resolveSibling(file.getFileName() + ".CHECKSUM");
        try {
            if (!Files.exists(checksum)) {
                return false;
            }
            if (!Files.readString(checksum).strip().startsWith(digest(file))) {
                throw new UnusableException(
                        file + " does not have the SHA-256 of " + checksum.getFileName() + "; download both again");
            }
            return true;
        } catch (IOException e) {
            throw unreadable(file, e);
        }
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

    /** The whole UTC day that its name says. */
    public Period day() {
        return day;
    }

    /** Begins to read it. */
    public Rows open() throws UnusableException {
        try {
            return new Rows();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The rows of the file, in its order. One thread. */
    public final class Rows implements Closeable {
        private final BufferedReader in;
        private final StringBuilder line = new StringBuilder(100);
        private long number;

        private Rows() throws IOException {
            in = new BufferedReader(new InputStreamReader(csv(), StandardCharsets.ISO_8859_1), 64 << 10);
        }

        /** How many lines have been read. */
        public long number() {
            return number;
        }

        /**
         * The next trade.
         *
         * @return null at the end
         * @throws UnusableException if the file is damaged or not such a file; the message names the line
         */
        public @Nullable Row next() throws UnusableException {
            try {
                boolean isLine = readLine();
                if (isLine && number == 1 && !Character.isDigit(line.charAt(0))) {
                    isLine = readLine(); // a heading
                }
                return isLine ? row(line.toString()) : null;
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }

        /** However long a line of a hostile file is, it takes no more memory. */
        private boolean readLine() throws IOException {
            line.setLength(0);
            int c = in.read();
            for (; c >= 0 && c != '\n' && line.length() < MAX_LINE; c = in.read()) {
                line.append((char) c);
            }
            number += c < 0 && line.length() == 0 ? 0 : 1;
            if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
                line.setLength(line.length() - 1);
            }
            if (line.length() == 0 && c >= 0) {
                throw new UnusableException(file + ", line " + number + " is empty; download it again");
            }
            return line.length() > 0;
        }

        private Row row(String text) throws UnusableException {
            String[] cells = text.split(",", -1);
            try {
                if (cells.length == 7
                        && DECIMAL.matcher(cells[1]).matches()
                        && DECIMAL.matcher(cells[2]).matches()) {
                    long id = Long.parseLong(cells[0]);
                    long time = Long.parseLong(cells[4]);
                    long timeMs = time > MAX_TIME_MS ? time / 1_000 : time;
                    if (id >= 0 && id < Long.MAX_VALUE && timeMs >= MIN_TIME_MS && timeMs <= MAX_TIME_MS) {
                        return new Row(id, cells[1], cells[2], timeMs, flag(cells[5]), flag(cells[6]));
                    }
                }
            } catch (IllegalArgumentException e) {
                // said below
            }
            throw new UnusableException(file + ", line " + number + " is not a trade; download it again");
        }

        private static boolean flag(String cell) {
            boolean isTrue = cell.equalsIgnoreCase("true");
            if (!isTrue && !cell.equalsIgnoreCase("false")) {
                throw new IllegalArgumentException(cell);
            }
            return isTrue;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private InputStream csv() throws IOException {
        InputStream in = Files.newInputStream(file);
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(".zip")) {
            return in;
        }
        ZipInputStream zip = new ZipInputStream(in);
        String expected = name.replaceFirst("zip$", "csv");
        try {
            ZipEntry entry = zip.getNextEntry();
            if (entry == null || !entry.getName().equals(expected)) {
                throw new UnusableException(file + " is not a zip file with " + expected + " in it, but has "
                        + (entry == null ? "nothing" : LogText.of(entry.getName())) + "; download it again");
            }
            return zip;
        } catch (IOException e) {
            zip.close();
            throw e;
        } catch (IllegalArgumentException e) {
            zip.close();
            throw new IOException("a name in it is not UTF-8", e);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
