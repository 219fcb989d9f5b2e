package io.marketdata.collector.spool;

import io.marketdata.collector.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The newest packed part of a symbol, kept in the spool's {@code .last}: a hint that outlives the part itself. Damaged
 * or missing it is ignored; then one manifest has no {@code previous} and nothing else changes.
 *
 * @param epochMs the part's {@code epoch_ms}
 * @param idLast greatest trade id of that part
 * @param highestId greatest trade id of all parts up to that one
 */
public record LastPart(long epochMs, String s3Key, Sha256 sha256, long idLast, long highestId) {

    private static final Pattern SHAPE = Pattern.compile(
            "1 epoch_ms=(\\d{1,15}) id_last=(\\d{1,18}) highest_id=(\\d{1,18}) sha256=([0-9a-f]{64}) s3_key=(\\S{1,900})\n");

    byte[] toBytes() {
        return ("1 epoch_ms=" + epochMs + " id_last=" + idLast + " highest_id=" + highestId + " sha256=" + sha256.hex()
                        + " s3_key=" + s3Key + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    static Optional<LastPart> parse(byte[] bytes) {
        Matcher m = SHAPE.matcher(new String(bytes, StandardCharsets.UTF_8));
        return m.matches()
                ? Optional.of(new LastPart(
                        Long.parseLong(m.group(1)),
                        m.group(5),
                        new Sha256(m.group(4)),
                        Long.parseLong(m.group(2)),
                        Long.parseLong(m.group(3))))
                : Optional.empty();
    }
}
