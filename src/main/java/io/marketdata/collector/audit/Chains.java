package io.marketdata.collector.audit;

import io.marketdata.collector.audit.Problem.Kind;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Previous;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether each part that a later one names as the one before is in the bucket, as it was. */
final class Chains {

    /** Each instance has one first part of a period; more than this are not looked up. */
    private static final int MAX_LOOKUPS = 100;

    private static final int MAX_SEARCHES = 1_000;

    /** A part has fewer ids; a number in a manifest may be anything. */
    private static final long MAX_IDS = 10_000_000;

    private final ObjectStore store;
    private final Symbol symbol;
    private final Period period;
    private final Map<String, Part> parts = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private int lookups;

    /** @param parts all of the period, sound or not */
    Chains(ObjectStore store, Symbol symbol, Period period, List<Part> parts) {
        this.store = store;
        this.symbol = symbol;
        this.period = period;
        parts.forEach(part -> this.parts.put(part.key(), part));
    }

    /** Checks what these parts name. Those after the period count only for what they name in it. */
    List<Problem> problems(List<Part> after) throws StoreException {
        for (Part part : parts.values()) {
            if (part.previous() != null) {
                check(part, part.previous());
            }
        }
        for (Part part : after) {
            Previous previous = part.previous();
            if (previous != null && name(previous).filter(this::isOfPeriod).isPresent()) {
                check(part, previous);
            }
        }
        return problems;
    }

    private void check(Part part, Previous previous) throws StoreException {
        Part before = parts.get(previous.s3Key());
        if (before != null) {
            if (before.sha256() != null && before.summary() != null) {
                compare(part, previous, before.sha256(), before.summary().idLast());
            }
            return;
        }
        Optional<PartName> name = name(previous);
        boolean isOurs = name.isPresent() && previous.s3Key().equals(KeyLayout.part(symbol, name.get()));
        boolean isOther = isOurs
                && !(isOfPeriod(name.get())
                        && name.get().instance().equals(part.name().instance()));
        if (!isOther) {
            missing(part, previous);
        } else if (lookups++ < MAX_LOOKUPS) {
            lookUp(part, previous, name.get());
        }
    }

    /** Of the day before, or of the instance's former name. */
    private void lookUp(Part part, Previous previous, PartName name) throws StoreException {
        Optional<byte[]> bytes = store.get(KeyLayout.manifest(symbol, name), ManifestJson.MAX_BYTES + 1);
        if (bytes.isEmpty()) {
            missing(part, previous);
            return;
        }
        try {
            Manifest.Payload there = ManifestJson.read(bytes.get()).payload();
            compare(part, previous, there.sha256(), there.summary().idLast());
        } catch (IOException e) {
            // It is for the report of its own day to say so.
        }
    }

    private void missing(Part part, Previous previous) {
        String key = LogText.of(previous.s3Key(), 200);
        String detail = "it is not in the bucket; " + part.key() + " names it as the part before";
        IdRanges ids = problems.size() < MAX_SEARCHES ? ids(part, previous) : part.ids();
        problems.add(new Problem(Kind.PREVIOUS_MISSING, key, detail, ids));
    }

    private void compare(Part part, Previous previous, Sha256 sha256, long idLast) {
        if (!sha256.equals(previous.sha256()) || idLast != previous.idLast()) {
            String detail = "its manifest has another SHA-256 or last id than the next part, " + part.key() + ", names";
            Part before = parts.getOrDefault(previous.s3Key(), part);
            IdRanges ids = IdRanges.union(List.of(before.ids(), part.ids()));
            problems.add(new Problem(Kind.PREVIOUS_DIFFERS, previous.s3Key(), detail, ids));
        }
    }

    private static Optional<PartName> name(Previous previous) {
        return KeyLayout.partName(previous.s3Key());
    }

    private boolean isOfPeriod(PartName name) {
        return period.contains(name.epochMs());
    }

    /** What the missing part held: from the part before it to the greatest id that is named; else this part's own ids. */
    private IdRanges ids(Part part, Previous previous) {
        @Nullable Part before = null;
        List<IdRanges> own = new ArrayList<>();
        for (Part each : parts.values()) {
            boolean isLive = each.name().origin() == Origin.STREAM;
            if (isLive
                    && each.isSound()
                    && each.name().instance().equals(part.name().instance())) {
                own.add(each.ids());
                boolean isEarlier = each.ids().last() < previous.idLast();
                if (isEarlier
                        && (before == null || each.ids().last() > before.ids().last())) {
                    before = each;
                }
            }
        }
        IdRanges ids = before == null || previous.idLast() == Long.MAX_VALUE
                ? IdRanges.NONE
                : IdRanges.of(before.ids().last() + 1, previous.idLast()).minus(IdRanges.union(own));
        return ids.isEmpty() || ids.count() > MAX_IDS ? part.ids() : ids;
    }
}
