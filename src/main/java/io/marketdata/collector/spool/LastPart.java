package io.marketdata.collector.spool;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.MissingIds.Hole;
import io.marketdata.collector.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What has been packed of a symbol so far, kept in the spool's {@code .last}, and so outliving the parts themselves: the
 * newest part, and which ids are recorded. Damaged or missing it is ignored; then one manifest has no {@code previous},
 * and the next run does not know what passed before it.
 *
 * @param epochMs the newest part's {@code epoch_ms}
 * @param idLast greatest trade id of that part
 * @param highestId greatest trade id of all parts up to that one
 * @param missing ids below that which no part holds, ascending; {@code since} in ms since 1970 UTC
 */
public record LastPart(long epochMs, String s3Key, Sha256 sha256, long idLast, long highestId, List<Hole> missing) {

    /** More holes than this are taken together, see {@link MissingIds}. */
    public static final int MAX_HOLES = 1_000;

    private static final Pattern SHAPE = Pattern.compile("1 epoch_ms=(\\d{1,15}) id_last=(\\d{1,18})"
            + " highest_id=(\\d{1,18}) sha256=([0-9a-f]{64}) s3_key=(\\S{1,900})(?: missing=(\\S*+))?\n");
    private static final Pattern HOLE = Pattern.compile("(\\d{1,18})-(\\d{1,18})@(\\d{1,15})(?:,|$)");

    public LastPart {
        missing = List.copyOf(missing);
    }

    /** The same part, with other ids missing. */
    public LastPart withMissing(List<Hole> other) {
        return new LastPart(epochMs, s3Key, sha256, idLast, highestId, other);
    }

    byte[] toBytes() {
        String holes = missing.stream()
                .map(hole -> hole.ids().first() + "-" + hole.ids().last() + "@" + hole.since())
                .collect(Collectors.joining(","));
        return ("1 epoch_ms=" + epochMs + " id_last=" + idLast + " highest_id=" + highestId + " sha256=" + sha256.hex()
                        + " s3_key=" + s3Key + (holes.isEmpty() ? "" : " missing=" + holes) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    static Optional<LastPart> parse(byte[] bytes) {
        Matcher m = SHAPE.matcher(new String(bytes, StandardCharsets.UTF_8));
        if (!m.matches()) {
            return Optional.empty();
        }
        return Optional.of(new LastPart(
                Long.parseLong(m.group(1)),
                m.group(5),
                new Sha256(m.group(4)),
                Long.parseLong(m.group(2)),
                Long.parseLong(m.group(3)),
                m.group(6) == null ? List.of() : holes(m.group(6))));
    }

    private static List<Hole> holes(String text) {
        List<Hole> holes = new ArrayList<>();
        for (Matcher m = HOLE.matcher(text); m.find(); ) {
            long first = Long.parseLong(m.group(1));
            long last = Long.parseLong(m.group(2));
            if (first <= last) {
                holes.add(new Hole(new IdRange(first, last), Long.parseLong(m.group(3)), false));
            }
        }
        return holes;
    }
}
