package io.marketdata.collector.route;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The shape of the requests to a store that speaks the S3 protocol: servers differ in the headers and addresses that they
 * accept. What each known store needs, with sources: docs/COMPATIBILITY.md.
 */
public record S3Dialect(
        Encryption encryption, Addressing addressing, ConditionalPut conditionalPut, Checksum checksum) {

    /** What AWS takes: the most that a store can be asked for. */
    public static final S3Dialect STRICT =
            new S3Dialect(Encryption.AES256, Addressing.AUTO, ConditionalPut.REQUIRE, Checksum.SHA256);

    /** Where the bucket's name is in the address. */
    public enum Addressing {
        /** In the host's name on AWS, in the path on another server. */
        AUTO,
        PATH,
        VIRTUAL
    }

    /** What keeps a put from overwriting an object. */
    public enum ConditionalPut {
        /** The store, by {@code If-None-Match: *}. */
        REQUIRE,
        /** A HEAD before the put: two writers of one name within that time overwrite one another. */
        CHECK
    }

    /** What the store checks the received bytes against. */
    public enum Checksum {
        /** {@code x-amz-checksum-sha256}, which the answer repeats. */
        SHA256,
        /** {@code Content-MD5}. */
        CONTENT_MD5,
        /** Nothing that we send apart from the signature. */
        NONE
    }

    /**
     * What the store is asked to encrypt with.
     *
     * @param algorithm value of {@code x-amz-server-side-encryption}; null: no such header
     * @param kmsKey id, ARN or alias of a key; null: the bucket's or the account's default
     */
    public record Encryption(
            @Nullable String algorithm, @Nullable String kmsKey) {

        public static final Encryption AES256 = new Encryption("AES256", null);
        public static final Encryption KMS = new Encryption("aws:kms", null);
        public static final Encryption NONE = new Encryption(null, null);
        public static final String ALLOWED = "AES256, aws:kms, aws:kms:KEY with an id, an ARN or an alias, or none";

        private static final String WITH_KEY = "aws:kms:";
        private static final Pattern KEY = Pattern.compile("[A-Za-z0-9:/_.-]{1,2048}");

        /**
         * Parses a value as it is written in the settings, in any case.
         *
         * @throws IllegalArgumentException with the reason
         */
        public static Encryption parse(String text) {
            for (Encryption plain : Set.of(AES256, KMS, NONE)) {
                if (plain.toString().equalsIgnoreCase(text)) {
                    return plain;
                }
            }
            if (!text.toLowerCase(Locale.ROOT).startsWith(WITH_KEY)) {
                throw new IllegalArgumentException("unknown value");
            }
            String key = text.substring(WITH_KEY.length());
            if (!KEY.matcher(key).matches()) {
                throw new IllegalArgumentException("not the name of a KMS key");
            }
            return new Encryption("aws:kms", key);
        }

        @Override
        public String toString() {
            return algorithm == null ? "none" : kmsKey == null ? algorithm : algorithm + ":" + kmsKey;
        }
    }

    /** A constant as it is written in the settings: {@code content-md5}. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public S3Dialect with(Encryption other) {
        return new S3Dialect(other, addressing, conditionalPut, checksum);
    }

    public S3Dialect with(Addressing other) {
        return new S3Dialect(encryption, other, conditionalPut, checksum);
    }

    public S3Dialect with(ConditionalPut other) {
        return new S3Dialect(encryption, addressing, other, checksum);
    }

    public S3Dialect with(Checksum other) {
        return new S3Dialect(encryption, addressing, conditionalPut, other);
    }

    /** The four settings and their values, as the operator writes them. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("S3_ENCRYPTION", encryption.toString());
        settings.put("S3_ADDRESSING", word(addressing));
        settings.put("S3_CONDITIONAL_PUT", word(conditionalPut));
        settings.put("S3_CHECKSUM", word(checksum));
        return settings;
    }

    /** The settings that differ from another dialect's, as in {@code S3_ENCRYPTION=none S3_CHECKSUM=none}; may be "". */
    public String settingsUnlike(S3Dialect other) {
        return settings().entrySet().stream()
                .filter(setting -> !setting.getValue().equals(other.settings().get(setting.getKey())))
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(" "));
    }

    /** What uploads lose against {@link #STRICT}, one sentence; "" if nothing. */
    public String weakened() {
        String check = conditionalPut == ConditionalPut.REQUIRE
                ? ""
                : "S3_CONDITIONAL_PUT=check: a put looks for an object of its name first, and the store is not asked to"
                        + " refuse it. Two writers that put one name within that time overwrite one another, so give each"
                        + " collector its own INSTANCE_ID";
        String proof = checksum == Checksum.SHA256
                ? ""
                : "S3_CHECKSUM=" + word(checksum)
                        + ": the store does not check our SHA-256. An upload counts when its ETag"
                        + " is the MD5 of the bytes, or else when it is read back (one GET for each object)";
        return check + (check.isEmpty() || proof.isEmpty() ? "" : ". ") + proof;
    }
}
