package io.marketdata.collector.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The content of the manifest beside a part; it commits the part. Components in the order of the file; see {@code
 * schemas/manifest.json}.
 *
 * @param createdAtMs wall clock when the part was packed, ms since 1970 UTC
 */
public record Manifest(
        Source source,
        Payload payload,
        long createdAtMs,
        Quality quality,
        @Nullable Previous previous,
        Software collector) {

    /** This manifest, with those objects of another one that are equal to its own: many in memory then take less. */
    public Manifest sharing(Manifest other) {
        return new Manifest(
                source.equals(other.source) ? other.source : source,
                payload,
                createdAtMs,
                quality.equals(other.quality) ? other.quality : quality,
                previous,
                collector.equals(other.collector) ? other.collector : collector);
    }

    /** The layout that this program writes. */
    public static final String VERSION = "1";

    /** The stream of an exchange, and the instance that recorded it. */
    public record Source(String exchange, String stream, Symbol symbol, InstanceId instanceId) {}

    /**
     * The part.
     *
     * @param s3Key the object's name in the bucket
     * @param bytesGzip size of the object as stored
     * @param sha256 digest of the object as stored
     */
    public record Payload(String s3Key, PartSummary summary, long bytesGzip, Sha256 sha256) {}

    /**
     * What is known about the part's completeness.
     *
     * @param missingIds ids between the highest id this instance packed before and this part's last one that were missing
     *     when the part was packed; ascending. A later part may hold them
     * @param duplicatesDropped trades dropped since the previous part because they were already recorded
     * @param outOfOrder lines whose id is lower than that of an earlier line
     * @param rejected frames since the previous part that could not be parsed
     * @param sequenceResetAt the first id of a new sequence of the exchange that begins in this part; null if none
     *     does
     */
    public record Quality(
            List<IdRange> missingIds,
            long duplicatesDropped,
            long outOfOrder,
            long rejected,
            RotatedBy rotatedBy,
            Origin origin,
            @Nullable Long sequenceResetAt) {

        public Quality {
            missingIds = List.copyOf(missingIds);
        }

        public long missingCount() {
            return missingIds.stream().mapToLong(IdRange::count).sum();
        }
    }

    /**
     * The part that this instance packed before this one, so that the bucket alone shows a lost or deleted part.
     *
     * @param idLast greatest trade id of that part
     */
    public record Previous(String s3Key, Sha256 sha256, long idLast) {}

    /** The program that wrote the part. */
    public record Software(String version, String java) {}
}
