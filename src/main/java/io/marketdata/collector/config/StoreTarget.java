package io.marketdata.collector.config;

import io.marketdata.collector.route.S3Dialect;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The destination of the objects: an S3 bucket, or a local directory with the same layout. */
public sealed interface StoreTarget {

    /** Allowed values of {@code RAW_BUCKET}, for error messages. */
    String ALLOWED = "an S3 bucket name (3 to 63 of a-z 0-9 . - starting and ending with a letter or digit),"
            + " or file:DIR for a local directory";

    /** For logs: {@code s3://bucket} or {@code file:/directory}. */
    String describe();

    /**
     * The same text for the same place, whatever the region: {@code s3://bucket}, {@code s3://bucket at host} on another
     * server than AWS, or {@code file:/directory}. Ports are left out.
     */
    String identity();

    /**
     * Parses a bucket name or {@code file:DIR}. Nothing in DIR is decoded; {@code file:///DIR} is an absolute one.
     *
     * @param base that a relative directory is resolved against
     * @throws IllegalArgumentException with the reason, if it is neither
     */
    static StoreTarget parse(String text, Path base) {
        if (text.startsWith("s3://")) {
            throw new IllegalArgumentException("write only the name of the bucket, without s3://");
        }
        if (!text.startsWith("file:")) {
            return new S3(text, null, null);
        }
        String directory = text.substring("file:".length());
        if (directory.startsWith("//")) {
            directory = directory.substring(2);
            if (!directory.startsWith("/")) {
                throw new IllegalArgumentException("file:// must be followed by an absolute path, as in file:///data");
            }
        }
        return new Directory(ValueFormat.directoryOf(directory, base));
    }

    /**
     * A bucket of S3 or of an S3-compatible server. Credentials come from the SDK's own chain.
     *
     * @param bucket follows S3's rules for general purpose buckets (AWS S3 User Guide, "General purpose bucket naming
     *     rules", read 2026-11)
     * @param region null: found by the SDK's own chain
     * @param endpoint null: the SDK's endpoint for the region
     * @param dialect the shape of the requests
     */
    record S3(
            String bucket,
            @Nullable String region,
            @Nullable URI endpoint,
            S3Dialect dialect) implements StoreTarget {

        /** A bucket that is addressed as on AWS. */
        S3(String bucket, @Nullable String region, @Nullable URI endpoint) {
            this(bucket, region, endpoint, S3Dialect.STRICT);
        }

        private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
        private static final Pattern IP_ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");
        private static final List<String> RESERVED_PREFIXES = List.of("xn--", "sthree-", "amzn-s3-demo-");
        private static final List<String> RESERVED_SUFFIXES =
                List.of("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3");

        public S3 {
            if (!SHAPE.matcher(bucket).matches()) {
                throw new IllegalArgumentException("not a bucket name");
            }
            if (bucket.contains("..") || IP_ADDRESS.matcher(bucket).matches()) {
                throw new IllegalArgumentException("S3 allows neither two dots in a row nor the form of an IP address");
            }
            RESERVED_PREFIXES.stream().filter(bucket::startsWith).findFirst().ifPresent(prefix -> {
                throw new IllegalArgumentException("S3 reserves names that start with " + prefix);
            });
            RESERVED_SUFFIXES.stream().filter(bucket::endsWith).findFirst().ifPresent(suffix -> {
                throw new IllegalArgumentException("S3 reserves names that end with " + suffix);
            });
            SettingsTable.AWS_REGION.requireIfSet(region);
            SettingsTable.AWS_ENDPOINT_URL_S3.requireIfSet(endpoint);
        }

        /** The same bucket at another endpoint; null: the SDK's endpoint for the region. */
        public S3 at(@Nullable URI newEndpoint) {
            return new S3(bucket, region, newEndpoint, dialect);
        }

        @Override
        public String describe() {
            String unlikeAws = dialect.settingsUnlike(S3Dialect.STRICT);
            return "s3://" + bucket + (region == null ? "" : ", region " + region)
                    + (endpoint == null ? "" : ", at " + endpoint) + (unlikeAws.isEmpty() ? "" : ", " + unlikeAws);
        }

        /** The same bucket in another dialect. */
        public S3 in(S3Dialect other) {
            return new S3(bucket, region, endpoint, other);
        }

        /** Why the bucket's name cannot be in the host's name though the settings demand it. */
        public Optional<String> addressingProblem() {
            if (dialect.addressing() != S3Dialect.Addressing.VIRTUAL) {
                return Optional.empty();
            }
            String host = endpoint == null ? "" : String.valueOf(endpoint.getHost());
            if (host.startsWith("[") || IP_ADDRESS.matcher(host).matches()) {
                return Optional.of("a bucket cannot be a subdomain of the IP address " + host + " in"
                        + " AWS_ENDPOINT_URL_S3; set S3_ADDRESSING=path, or write the server's name there");
            }
            boolean encrypted = endpoint == null || "https".equalsIgnoreCase(endpoint.getScheme());
            return encrypted && bucket.contains(".")
                    ? Optional.of("the bucket " + bucket + " has a dot in its name, so no wildcard certificate covers"
                            + " its host name over https://; set S3_ADDRESSING=path, or take a bucket without dots")
                    : Optional.empty();
        }

        /** Every endpoint of AWS leads to the same bucket: the names of buckets are unique in a partition. */
        @Override
        public String identity() {
            String host = endpoint == null ? null : endpoint.getHost();
            return "s3://" + bucket + (host == null || host.endsWith(".amazonaws.com") ? "" : " at " + host);
        }
    }

    /**
     * A local directory with the layout of the bucket.
     *
     * @param directory absolute; need not exist yet
     */
    record Directory(Path directory) implements StoreTarget {

        public Directory {
            if (!directory.isAbsolute()) {
                throw new IllegalArgumentException("the bucket directory must be absolute, was " + directory);
            }
        }

        /** Whether one of the directories contains the other, or both are one, with links resolved. */
        boolean overlaps(Path other) {
            Path here = resolved(directory);
            Path there = resolved(other);
            return here.startsWith(there) || there.startsWith(here);
        }

        /** The real path of what exists of it, and the rest as written. */
        private static Path resolved(Path path) {
            Path normal = path.normalize();
            for (Path existing = normal; existing != null; existing = existing.getParent()) {
                try {
                    return existing.toRealPath().resolve(existing.relativize(normal));
                } catch (IOException e) {
                    // does not exist yet, or cannot be examined: its parent may
                }
            }
            return normal;
        }

        @Override
        public String describe() {
            return "file:" + directory;
        }

        @Override
        public String identity() {
            return "file:" + directory.normalize();
        }
    }
}
