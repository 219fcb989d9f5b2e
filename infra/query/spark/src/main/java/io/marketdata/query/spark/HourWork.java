package io.marketdata.query.spark;

import io.marketdata.collector.audit.Part;
import io.marketdata.query.compact.CompactLayout;
import io.marketdata.query.compact.HourCommit.UsedPart;
import io.marketdata.query.compact.HourSource;
import io.marketdata.query.compact.HourSource.LeftOut;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/** An hour that is being made. Lives on the driver; one thread. */
final class HourWork {

    /** How closely the parts of an hour are checked before their lines are used. */
    enum Care {
        /** Only while they are read: a part with another digest gives no lines. */
        LINES_COUNTED,
        /** Digests first, so that parts can be left out by name; every line of those without a manifest. */
        DIGESTS,
        /** Every line of every part. */
        LINES
    }

    private final int number;
    private final HourSource source;
    private final List<UsedPart> used = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();
    private Care care;

    /** @param number of the hour in its Spark job */
    HourWork(int number, HourSource source) {
        this.number = number;
        this.source = source;
        boolean hasManifests = true;
        for (Part part : source.parts()) {
            var summary = part.summary();
            if (summary == null) {
                hasManifests = false;
            } else {
                use(part, summary.recordCount(), summary.timeMinMs(), summary.timeMaxMs());
            }
        }
        this.care = hasManifests ? Care.LINES_COUNTED : Care.DIGESTS;
    }

    int number() {
        return number;
    }

    HourSource source() {
        return source;
    }

    String tradesKey() {
        return CompactLayout.trades(source.symbol(), source.hourMs());
    }

    String barsKey() {
        return CompactLayout.bars(source.symbol(), source.hourMs());
    }

    Care care() {
        return care;
    }

    /** In the order of their keys. */
    List<UsedPart> used() {
        return used;
    }

    /** In the order of their keys. */
    List<LeftOut> leftOut() {
        return leftOut.stream().sorted(Comparator.comparing(LeftOut::key)).toList();
    }

    long lines() {
        return used.stream().mapToLong(UsedPart::lines).sum();
    }

    /** Asks for a closer check; false if there is none. */
    boolean isCheckedCloser() {
        if (care == Care.LINES) {
            return false;
        }
        care = care == Care.LINES_COUNTED ? Care.DIGESTS : Care.LINES;
        return true;
    }

    private void use(Part part, long lines, long timeMinMs, long timeMaxMs) {
        if (timeMinMs < source.hourMs() || timeMaxMs >= source.hourMs() + HourSource.HOUR_MS) {
            leftOut.add(new LeftOut(
                    part.key(), "it holds trades of more than one hour; parts of more than an hour are not supported"));
        } else {
            used.add(new UsedPart(part, lines));
        }
    }

    /** Takes what the check of the parts has found, by key. */
    void checked(Map<String, Row> facts) {
        used.clear();
        leftOut.clear();
        for (Part part : source.parts()) {
            Row fact = facts.getOrDefault(part.key(), RowFactory.create(part.key(), PartCheck.OTHER_BYTES, 0L, 0L, 0L));
            @Nullable String reason = fact.getString(1);
            var summary = part.summary();
            if (reason == null && summary != null && care == Care.LINES && summary.recordCount() != fact.getLong(2)) {
                reason = "it holds " + fact.getLong(2) + " lines, its manifest says " + summary.recordCount();
            }
            if (reason != null) {
                leftOut.add(new LeftOut(part.key(), reason));
            } else if (summary == null) {
                use(part, fact.getLong(2), fact.getLong(3), fact.getLong(4));
            } else {
                use(part, summary.recordCount(), summary.timeMinMs(), summary.timeMaxMs());
            }
        }
    }
}
