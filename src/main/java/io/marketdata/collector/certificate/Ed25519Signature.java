package io.marketdata.collector.certificate;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * An Ed25519 signature (RFC 8032, section 5.1: without context or pre-hash) and whose it is.
 *
 * @param publicKey 32 bytes as 64 lower-case hexadecimal digits
 * @param value 64 bytes as 128 lower-case hexadecimal digits
 */
public record Ed25519Signature(String algorithm, String publicKey, String value) {

    static final String ALGORITHM = "Ed25519";

    /** What comes before the 32 bytes in the encoding of X.509 (RFC 8410, section 4). */
    static final String X509_PREFIX = "302a300506032b6570032100";

    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern VALUE = Pattern.compile("[0-9a-f]{128}");

    public Ed25519Signature {
        if (!algorithm.equals(ALGORITHM)
                || !KEY.matcher(publicKey).matches()
                || !VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("not a signature of " + ALGORITHM + " in lower-case hex");
        }
    }

    boolean isOf(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(key());
            signature.update(message);
            return signature.verify(HexFormat.of().parseHex(value));
        } catch (GeneralSecurityException e) {
            return false; // the bytes are no key, or no signature
        }
    }

    private PublicKey key() throws GeneralSecurityException {
        byte[] encoded = HexFormat.of().parseHex(X509_PREFIX + publicKey);
        return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
    }
}
