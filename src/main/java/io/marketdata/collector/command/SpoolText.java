package io.marketdata.collector.command;

import com.google.errorprone.annotations.FormatMethod;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFile.Kind;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolListing;
import io.marketdata.collector.spool.SpoolListing.Totals;
import io.marketdata.collector.spool.SpoolUsage;
import io.marketdata.collector.upload.SpoolCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Formats a spool's files and totals for a person. */
final class SpoolText {

    /** ms; without faults a part is packed and uploaded within a second. */
    private static final long LONG_MS = TimeUnit.MINUTES.toMillis(1);

    private final long nowMs;

    /** @param nowMs ages are measured to this time, ms since 1970 UTC */
    SpoolText(long nowMs) {
        this.nowMs = nowMs;
    }

    List<String> lines(Path localDir, SpoolListing listing) {
        List<String> lines = new ArrayList<>();
        Map<SpoolFolder, OptionalLong> holders = new HashMap<>();
        listing.totals().forEach(totals -> holders.put(totals.folder(), totals.holder()));
        for (SpoolListing.Row row : listing.rows()) {
            SpoolFile file = row.file();
            String folder = row.folder().label();
            String name = LogText.of(file.name());
            String state = state(row, holders.getOrDefault(row.folder(), OptionalLong.empty()));
            lines.add(
                    format("%-12s %-46s %11s %10s   ", folder, name, age(file.sinceMs()), size(file.bytes())) + state);
        }
        long more = listing.listed() - listing.rows().size();
        if (more > 0) {
            lines.add(format("… and %,d more", more));
        }
        if (!lines.isEmpty()) {
            lines.add("");
        }
        listing.totals().forEach(totals -> lines.add(sum(totals)));
        addTotal(localDir, listing, lines);
        return lines;
    }

    private void addTotal(Path localDir, SpoolListing listing, List<String> lines) {
        List<Totals> all = listing.totals();
        long parts = all.stream().mapToLong(Totals::parts).sum();
        long bytes = all.stream().mapToLong(Totals::bytes).sum();
        long oldest = all.stream().mapToLong(Totals::oldestMs).min().orElse(Long.MAX_VALUE);
        if (parts == 0) {
            lines.add("The backlog in " + localDir + " is empty");
            return;
        }
        lines.add("Backlog in " + localDir + ": " + count(parts, "part") + ", " + size(bytes) + ", the oldest "
                + age(oldest) + " old");
        long packed = all.stream().mapToLong(Totals::oldestPackedMs).min().orElse(Long.MAX_VALUE);
        boolean held = all.stream().anyMatch(totals -> totals.holder().isPresent());
        if (held && packed < nowMs - LONG_MS) {
            lines.add("Uploads are failing. Search the collector's log for \"Upload failed\" to see why.");
        } else if (!held) {
            lines.add("No process of this machine is using this spool. The collector's next start uploads the backlog,"
                    + " and so does: spool upload");
        }
    }

    private String sum(Totals totals) {
        String text = format("%-12s %s, ", totals.folder().label(), count(totals.parts(), "part"))
                + size(totals.bytes())
                + format(": %,d open, %,d sealed", totals.files(Kind.OPEN), totals.files(Kind.SEALED))
                + format(", %,d packed", totals.files(Kind.PACKED));
        if (totals.files(Kind.QUARANTINED) > 0) {
            text += "; " + count(totals.files(Kind.QUARANTINED), "file") + " in quarantine";
        }
        if (totals.files(Kind.UNKNOWN) > 0) {
            text += "; " + count(totals.files(Kind.UNKNOWN), "unknown file");
        }
        if (totals.parts() > 0) {
            text += "; the oldest " + age(totals.oldestMs()) + " old";
        }
        OptionalLong process = totals.holder();
        return process.isPresent() ? text + "; in use by process " + process.getAsLong() : text;
    }

    private static String state(SpoolListing.Row row, OptionalLong holder) {
        SpoolFile file = row.file();
        return switch (file.kind()) {
            case OPEN ->
                holder.isPresent()
                        ? "open, being written"
                        : "open: being written, or left by a crash and sealed by the next start";
            case SEALED -> "sealed, not packed yet";
            case PACKING -> "packing not finished";
            case PACKED ->
                file.part() != null && row.folder().has(PartState.SEALED, file.part())
                        ? "packed, sealed file not deleted yet"
                        : "packed, not uploaded yet";
            case QUARANTINED -> "in quarantine, is not uploaded";
            default -> "";
        };
    }

    /** What is below the directory and is no part; empty if nothing is. */
    static Optional<String> uncounted(SpoolUsage usage) {
        List<String> kinds = SpoolUsage.Kind.UNCOUNTED.stream()
                .filter(kind -> usage.bytes(kind) > 0)
                .map(kind -> kind.label() + " " + size(usage.bytes(kind)))
                .toList();
        return kinds.isEmpty()
                ? Optional.empty()
                : Optional.of("Not parts, and not counted against spool.max_bytes: " + String.join(", ", kinds));
    }

    /** A finding about a file, and what will happen to the file. */
    static String line(SpoolCheck.Finding finding) {
        return (finding.isDamage() ? "damaged  " : "note     ")
                + finding.folder().label() + " " + LogText.of(finding.file().name()) + ": " + finding.what() + " -> "
                + finding.next();
    }

    private static String count(long number, String unit) {
        return format("%,d %s", number, number == 1 ? unit : unit + "s");
    }

    @FormatMethod
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private String age(long sinceMs) {
        long seconds = TimeUnit.MILLISECONDS.toSeconds(Math.max(0, nowMs - sinceMs));
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min";
        }
        return seconds < 86_400
                ? seconds / 3_600 + " h " + seconds / 60 % 60 + " min"
                : seconds / 86_400 + " d " + seconds / 3_600 % 24 + " h";
    }

    private static String size(long bytes) {
        String[] units = {"KiB", "MiB", "GiB", "TiB"};
        if (bytes < 1_024) {
            return bytes + " B";
        }
        double value = bytes / 1_024.0;
        int unit = 0;
        while (value >= 1_023.95 && unit < units.length - 1) {
            value /= 1_024;
            unit++;
        }
        return format("%.1f %s", value, units[unit]);
    }
}
