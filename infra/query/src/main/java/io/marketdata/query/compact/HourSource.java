package io.marketdata.query.compact;

import io.marketdata.collector.audit.HourParts;
import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.audit.Part;
import io.marketdata.collector.audit.Problem;
import io.marketdata.collector.audit.Problem.Kind;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an hour is made from: its parts, by what their manifests say.
 *
 * @param hourMs the first moment of the hour, ms since 1970 UTC
 * @param parts those to read, in the order of their keys. One without a readable manifest is among them, because its lines
 *     may be whole, unless it is so new that its manifest may still come
 * @param leftOut those that cannot be right, with the reason, in the order of their keys
 * @param notices what else the bucket holds
 * @param notSeen why the store did not show everything
 */
public record HourSource(
        Symbol symbol,
        long hourMs,
        List<Part> parts,
        List<LeftOut> leftOut,
        List<String> notices,
        @Nullable Long idBefore,
        @Nullable Long idAfter,
        List<String> notSeen) {

    /** An hour in ms. */
    public static final long HOUR_MS = TimeUnit.HOURS.toMillis(1);

    /** A part without a manifest for longer belongs to a collector that died between the two (docs/S3_LAYOUT.md). */
    private static final long MANIFEST_MAY_COME_MS = TimeUnit.MINUTES.toMillis(15);

    /** Part of every digest: another number makes every hour again. */
    private static final String FORMAT = "market-data hour 1";

    /** Their lines are checked one by one instead. */
    private static final Set<Kind> WITHOUT_MANIFEST = Set.of(Kind.PART_WITHOUT_MANIFEST, Kind.MANIFEST_UNREADABLE);

    public HourSource {
        parts = List.copyOf(parts);
        leftOut = List.copyOf(leftOut);
        notices = List.copyOf(notices);
        notSeen = List.copyOf(notSeen);
    }

    /** An object that is not read, or whose lines are not used. */
    public record LeftOut(String key, String reason) {}

    /**
     * Reads what the bucket holds of an hour.
     *
     * @param nowMs ms since 1970 UTC
     */
    public static HourSource read(ObjectStore store, Symbol symbol, long hourMs, Parallel parallel, long nowMs)
            throws InterruptedException {
        HourParts found = HourParts.read(store, symbol, hourMs, parallel);
        Map<String, Problem> problems = new HashMap<>();
        found.problems().forEach(problem -> problems.put(partKey(problem), problem));
        List<Part> parts = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        List<String> notices = new ArrayList<>();
        for (Part part : found.parts()) {
            Problem problem = part.isSound() ? null : problems.remove(part.key());
            if (problem == null) {
                parts.add(part);
            } else if (!WITHOUT_MANIFEST.contains(problem.kind())) {
                leftOut.add(new LeftOut(problem.key(), words(problem)));
            } else if (nowMs - part.storedMs() >= MANIFEST_MAY_COME_MS) {
                parts.add(part);
                notices.add(problem.key() + ": " + words(problem) + "; its lines are checked one by one");
            } else {
                notices.add(part.key() + " has no manifest yet; it is for a later run");
            }
        }
        problems.values().stream()
                .filter(problem -> problem.kind() != Kind.PART_WITHOUT_MANIFEST)
                .forEach(problem -> leftOut.add(new LeftOut(problem.key(), words(problem))));
        parts.sort(Comparator.comparing(Part::key));
        leftOut.sort(Comparator.comparing(LeftOut::key));
        found.unknown().forEach(key -> notices.add(key + " is not an object of a collector; it is not read"));
        return new HourSource(
                symbol, hourMs, parts, leftOut, notices, found.idBefore(), found.idAfter(), found.notSeen());
    }

    /** A problem of a manifest concerns its part. */
    private static String partKey(Problem problem) {
        int name = problem.key().lastIndexOf('/') + 1;
        return problem.key().substring(0, name)
                + problem.key().substring(name).replaceFirst("^manifest-(.*)\\.json$", "part-$1.jsonl.gz");
    }

    private static String words(Problem problem) {
        return problem.kind() == Kind.PART_WITHOUT_MANIFEST ? "it has no manifest" : problem.detail();
    }

    /** Whether nothing is recorded. */
    public boolean isEmpty() {
        return parts.isEmpty() && leftOut.isEmpty();
    }

    /** The same for the same parts and the same ids next to the hour, and else another. */
    public Sha256 digest() {
        StringBuilder text = new StringBuilder(FORMAT + "\n" + symbol + " " + hourMs + "\n");
        parts.forEach(part -> text.append(part.key())
                .append(' ')
                .append(
                        part.sha256() == null
                                ? "no manifest, " + part.bytes()
                                : part.sha256().hex())
                .append('\n'));
        leftOut.forEach(each -> text.append("left out ").append(each.key()).append('\n'));
        text.append(idBefore).append(' ').append(idAfter).append('\n');
        return Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
