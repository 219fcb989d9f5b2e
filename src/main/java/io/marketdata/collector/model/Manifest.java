package io.marketdata.collector.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands in the manifest beside a part; the commit mark of the part. Components in the order of the file; see
 * {@code schemas/manifest.json}.
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

    /** The layout that this program writes. */
    public static final String VERSION = "1";

    /** Which stream of which exchange, and which instance recorded it. */
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
     * @param missingIds ids between the highest id this instance packed before and this part's last one that were not
     *     there when the part was packed; ascending. A later part may hold them
     * @param duplicatesDropped trades dropped since the part before because they were recorded already
     * @param outOfOrder lines whose id is below the one of a line before
     * @param rejected frames not understood since the part before
     */
    public record Quality(
            List<IdRange> missingIds,
            long duplicatesDropped,
            long outOfOrder,
            long rejected,
            RotatedBy rotatedBy,
            Origin origin) {

        public Quality {
            missingIds = List.copyOf(missingIds);
        }

        public long missingCount() {
            return missingIds.stream().mapToLong(IdRange::count).sum();
        }
    }

    /**
     * The part that this instance packed before, so that a lost or deleted part shows from the bucket alone.
     *
     * @param idLast greatest trade id of that part
     */
    public record Previous(String s3Key, Sha256 sha256, long idLast) {}

    /** The program that wrote the part. */
    public record Software(String version, String java) {}
}
