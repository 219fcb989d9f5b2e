package io.marketdata.collector.certificate;

import io.marketdata.collector.model.Sha256;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The root of a Merkle tree as in RFC 6962, section 2.1: a leaf is SHA-256(00 ‖ bytes), a node SHA-256(01 ‖ left ‖ right),
 * the last one of an odd number moves up unchanged, and the root of no leaves is SHA-256 of nothing. One thread.
 */
final class MerkleTree {

    private final List<byte[]> leaves = new ArrayList<>();

    /** Adds the next leaf. */
    void add(byte[] bytes) {
        leaves.add(sha256(new byte[] {0}, bytes));
    }

    Sha256 root() {
        List<byte[]> level = leaves.isEmpty() ? List.of(sha256()) : leaves;
        while (level.size() > 1) {
            List<byte[]> above = new ArrayList<>();
            for (int i = 0; i + 1 < level.size(); i += 2) {
                above.add(sha256(new byte[] {1}, level.get(i), level.get(i + 1)));
            }
            if (level.size() % 2 == 1) {
                above.add(level.get(level.size() - 1));
            }
            level = above;
        }
        return new Sha256(HexFormat.of().formatHex(level.get(0)));
    }

    private static byte[] sha256(byte[]... pieces) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] piece : pieces) {
                digest.update(piece);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
