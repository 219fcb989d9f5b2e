package io.marketdata.collector.command;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SpoolFile;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolListing;
import io.marketdata.collector.upload.SpoolCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

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
        Map<SpoolFolder, OptionalLong> holders = listing.totals().stream()
                .collect(Collectors.toMap(SpoolListing.Totals::folder, SpoolListing.Totals::holder));
        List<String> lines = new ArrayList<>();
        listing.rows().forEach(row -> lines.add(line(row, holders.getOrDefault(row.folder(), OptionalLong.empty()))));
        long more = listing.listed() - listing.rows().size();
        if (more > 0) {
            lines.add(String.format(Locale.ROOT, "… and %,d more", more));
        }
        if (!lines.isEmpty()) {
            lines.add("");
        }
        listing.totals().forEach(totals -> lines.add(sum(totals)));
        addTotal(localDir, listing.totals(), lines);
        return lines;
    }

    private String line(SpoolListing.Row row, OptionalLong holder) {
        SpoolFile file = row.file();
        return String.format(
                Locale.ROOT,
                "%-12s %-46s %11s %10s   %s",
                row.folder().label(),
                LogText.of(file.name()),
                age(file.sinceMs()),
                size(file.bytes()),
                state(row, holder));
    }

    private void addTotal(Path localDir, List<SpoolListing.Totals> all, List<String> lines) {
        long parts = all.stream().mapToLong(SpoolListing.Totals::parts).sum();
        if (parts == 0) {
            lines.add("The backlog in " + localDir + " is empty");
            return;
        }
        long bytes = all.stream().mapToLong(SpoolListing.Totals::bytes).sum();
        String oldest = age(oldest(all, SpoolListing.Totals::oldestMs));
        lines.add("Backlog in " + localDir + ": " + count(parts, "part") + ", " + size(bytes) + ", the oldest " + oldest
                + " old");
        if (all.stream().noneMatch(totals -> totals.holder().isPresent())) {
            lines.add(
                    "No process of this machine is using this spool. The collector's next start uploads the backlog, and"
                            + " so does: spool upload");
        } else if (oldest(all, SpoolListing.Totals::oldestPackedMs) < nowMs - LONG_MS) {
            lines.add("Uploads are failing. Search the collector's log for \"Upload failed\" to see why.");
        }
    }

    private static long oldest(List<SpoolListing.Totals> all, ToLongFunction<SpoolListing.Totals> sinceMs) {
        return all.stream().mapToLong(sinceMs).min().orElse(Long.MAX_VALUE);
    }

    private String sum(SpoolListing.Totals totals) {
        long quarantined = totals.files(SpoolFile.Kind.QUARANTINED);
        long unknown = totals.files(SpoolFile.Kind.UNKNOWN);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%-12s %s, %s: %,d open, %,d sealed, %,d packed",
                totals.folder().label(),
                count(totals.parts(), "part"),
                size(totals.bytes()),
                totals.files(SpoolFile.Kind.OPEN),
                totals.files(SpoolFile.Kind.SEALED),
                totals.files(SpoolFile.Kind.PACKED)));
        text.append(quarantined == 0 ? "" : "; " + count(quarantined, "file") + " in quarantine");
        text.append(unknown == 0 ? "" : "; " + count(unknown, "unknown file"));
        text.append(totals.parts() == 0 ? "" : "; the oldest " + age(totals.oldestMs()) + " old");
        totals.holder().ifPresent(process -> text.append("; in use by process ").append(process));
        return text.toString();
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

    /** A finding about a file, and what will happen to the file. */
    static String line(SpoolCheck.Finding finding) {
        return (finding.isDamage() ? "damaged  " : "note     ")
                + finding.folder().label() + " " + LogText.of(finding.file().name()) + ": " + finding.what() + " -> "
                + finding.next();
    }

    private static String count(long number, String unit) {
        return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? unit : unit + "s");
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
        return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
    }
}
