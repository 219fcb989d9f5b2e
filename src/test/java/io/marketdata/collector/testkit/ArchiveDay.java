package io.marketdata.collector.testkit;

import io.marketdata.collector.audit.Period;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.testkit.RecordedDay.Issued;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The exchange's own file of a day of BTCUSDT, with the trades that {@link RecordedDay} records. */
public final class ArchiveDay {

    private final String name;
    private final List<Issued> issued;
    private boolean isMicros;
    private LongPredicate isLacking = id -> false;

    public ArchiveDay(Period day, List<Issued> issued) {
        this.name = Trades.BTCUSDT + "-trades-" + day.day();
        this.issued = issued;
    }

    /** Whether times are in microseconds, as since 2025. */
    public ArchiveDay micros(boolean micros) {
        isMicros = micros;
        return this;
    }

    public ArchiveDay without(LongPredicate ids) {
        isLacking = ids;
        return this;
    }

    public String csv() {
        StringBuilder rows = new StringBuilder();
        for (Issued trade : issued) {
            if (!isLacking.test(trade.id())) {
                rows.append(trade.id())
                        .append(',')
                        .append(RecordedDay.price(trade))
                        .append(',')
                        .append(RecordedDay.quantity(trade))
                        .append(",1.0,")
                        .append(trade.timeMs())
                        .append(
                                isMicros
                                        ? Long.toString(1_000 + trade.id() % 1_000)
                                                .substring(1)
                                        : "")
                        .append(RecordedDay.buyerIsMaker(trade) ? ",True" : ",False")
                        .append(",True\n");
            }
        }
        return rows.toString();
    }

    /**
     * Writes the file into a directory.
     *
     * @param zipped whether as a zip file with its checksum, or as the CSV alone
     */
    public Path write(Path directory, boolean zipped) throws IOException {
        if (!zipped) {
            return Files.writeString(directory.resolve(name + ".csv"), csv());
        }
        Path zip = directory.resolve(name + ".zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry(name + ".csv"));
            ((OutputStream) out).write(csv().getBytes(StandardCharsets.UTF_8));
        }
        Files.writeString(
                directory.resolve(name + ".zip.CHECKSUM"),
                Sha256.of(Files.readAllBytes(zip)).hex() + "  " + name + ".zip\n");
        return zip;
    }
}
