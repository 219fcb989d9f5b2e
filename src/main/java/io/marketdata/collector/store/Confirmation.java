package io.marketdata.collector.store;

import io.marketdata.collector.model.Sha256;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether an answer of the store proves that it holds our bytes. A digest that is missing or differs proves
 * nothing either way: the ETag of an object under a KMS key, or of one that a gateway stored in pieces, is no MD5.
 */
final class Confirmation {

    private Confirmation() {}

    /**
     * @param checksum {@code x-amz-checksum-sha256} of the answer
     * @param eTag the MD5 of an object put in one request, for servers that do not support SHA-256
     */
    static boolean proves(@Nullable String checksum, @Nullable String eTag, byte[] body, Sha256 sha256) {
        return sha256.base64().equals(checksum)
                || (checksum == null
                        && eTag != null
                        && bare(eTag).equals(HexFormat.of().formatHex(md5(body))));
    }

    /** Servers differ in quotes, in case, and in the mark of a weak ETag. */
    private static String bare(String eTag) {
        String strong = eTag.startsWith("W/") ? eTag.substring(2) : eTag;
        return strong.replace("\"", "").strip().toLowerCase(Locale.ROOT);
    }

    static byte[] md5(byte[] body) {
        try {
            return MessageDigest.getInstance("MD5").digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has MD5", e);
        }
    }
}
