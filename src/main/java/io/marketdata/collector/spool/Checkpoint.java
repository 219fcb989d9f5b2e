package io.marketdata.collector.spool;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.MissingIds;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What has been packed of a symbol so far: the last packed part, and which ids are recorded. Kept in the spool's {@code
 * .checkpoint}, which outlives the parts themselves. If it is damaged or missing it is ignored: then one manifest has
 * no {@code previous}, and the next run does not know which trades it missed before its start.
 *
 * @param epochMs greatest {@code epoch_ms} of all parts of the stream up to that one
 * @param idLast greatest trade id of that part
 * @param highestId high-water mark: greatest believed trade id of all parts up to that one
 * @param highestTimeMs its trade time, ms since 1970 UTC
 * @param missing ids below {@code highestId} that no part holds, ascending; {@code since} is the trade time at which
 *     the gap was seen, ms since 1970 UTC. A gap that became unrecoverable is kept: the high-water mark would be false
 *     without it
 * @param ahead ids above {@code highestId} that parts hold already, ascending
 */
public record Checkpoint(
        long epochMs,
        String s3Key,
        Sha256 sha256,
        long idLast,
        long highestId,
        long highestTimeMs,
        List<Gap> missing,
        List<IdRange> ahead) {

    /** More gaps than this are merged, see {@link MissingIds}. */
    public static final int MAX_GAPS = 1_000;

    /** Of the file; {@value #MAX_GAPS} gaps and {@value #MAX_AHEAD} ranges have about 100,000. */
    public static final int MAX_BYTES = 1 << 20;

    /** If there are more ranges than this, the highest are dropped; their trades may then be recorded twice. */
    public static final int MAX_AHEAD = 1_000;

    /** Version 0.1.0 wrote no time. A part is at most a day long: {@code ROT_SECS} allows no more. */
    private static final long UNKNOWN_TIME_MS = TimeUnit.DAYS.toMillis(1);

    private static final String SUM = "crc32c=";
    private static final Pattern SHAPE = Pattern.compile(
            "1 epoch_ms=(\\d{1,15}) id_last=(\\d{1,19})"
                    + " highest_id=(\\d{1,19})(?: highest_time_ms=(\\d{1,15}))? sha256=([0-9a-f]{64}) s3_key=(\\S{1,900})(?: missing=(\\S++))?(?: ahead=(\\S++))? crc32c=([0-9a-f]{8})\n");
    private static final Pattern GAP = Pattern.compile("(\\d{1,19})-(\\d{1,19})@(\\d{1,15})(!?)");
    private static final Pattern RANGE = Pattern.compile("(\\d{1,19})-(\\d{1,19})");

    public Checkpoint {
        missing = List.copyOf(missing);
        ahead = List.copyOf(ahead.subList(0, Math.min(ahead.size(), MAX_AHEAD)));
    }

    /** The checkpoint after a part of backfilled trades. */
    public Checkpoint backfilled(List<Gap> nowMissing, List<IdRange> nowAhead) {
        return new Checkpoint(epochMs, s3Key, sha256, idLast, highestId, highestTimeMs, nowMissing, nowAhead);
    }

    byte[] toBytes() {
        String gaps = missing.stream()
                .map(gap -> gap.ids().first() + "-" + gap.ids().last() + "@" + gap.since()
                        + (gap.unrecoverable() ? "!" : ""))
                .collect(Collectors.joining(","));
        Stream<String> ranges = ahead.stream().map(ids -> ids.first() + "-" + ids.last());
        String text = "1 epoch_ms=" + epochMs + " id_last=" + idLast + " highest_id=" + highestId
                + " highest_time_ms=" + highestTimeMs
                + " sha256=" + sha256.hex() + " s3_key=" + s3Key
                + (gaps.isEmpty() ? "" : " missing=" + gaps)
                + (ahead.isEmpty() ? "" : " ahead=" + ranges.collect(Collectors.joining(",")));
        return (text + " " + SUM + crc32c(text) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Parses the content of {@code .checkpoint}; empty if it is damaged. */
    public static Optional<Checkpoint> parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            return Optional.empty();
        }
        Matcher m = SHAPE.matcher(new String(bytes, StandardCharsets.UTF_8));
        if (!m.matches() || !isIntact(m)) {
            return Optional.empty();
        }
        try {
            long epochMs = Long.parseLong(m.group(1));
            return Optional.of(new Checkpoint(
                    epochMs,
                    m.group(6),
                    new Sha256(m.group(5)),
                    Long.parseLong(m.group(2)),
                    Long.parseLong(m.group(3)),
                    m.group(4) == null ? epochMs + UNKNOWN_TIME_MS : Long.parseLong(m.group(4)),
                    each(
                            GAP,
                            m.group(7),
                            gap -> new Gap(
                                    range(gap),
                                    Long.parseLong(gap.group(3)),
                                    !gap.group(4).isEmpty())),
                    each(RANGE, m.group(8), Checkpoint::range)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Checks the sum: a wrong digit would make missing trades count as recorded. */
    private static boolean isIntact(Matcher m) {
        String text = m.group();
        return text.endsWith(" " + SUM + crc32c(text.substring(0, text.lastIndexOf(" " + SUM))) + "\n");
    }

    private static String crc32c(String text) {
        CRC32C sum = new CRC32C();
        sum.update(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) sum.getValue());
    }

    private static <T> List<T> each(Pattern shape, @Nullable String text, Function<Matcher, T> read) {
        List<T> list = new ArrayList<>();
        for (String item : text == null ? List.<String>of() : List.of(text.split(",", -1))) {
            Matcher matcher = shape.matcher(item);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not " + shape);
            }
            list.add(read.apply(matcher));
        }
        return list;
    }

    private static IdRange range(Matcher matcher) {
        return new IdRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }
}
