package io.marketdata.collector.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MerkleTreeTest {

    private static final String[] LEAVES = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
    };

    private static String root(List<byte[]> leaves) {
        MerkleTree tree = new MerkleTree();
        leaves.forEach(tree::add);
        return tree.root().hex();
    }

    /** The vectors of google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc. */
    @ParameterizedTest
    @CsvSource({
        "0, e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "1, 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "2, fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "3, aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "4, d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "5, 4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "6, 76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "7, ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "8, 5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    })
    void rootsAreThoseOfCertificateTransparency(int leaves, String root) {
        assertThat(root(IntStream.range(0, leaves)
                        .mapToObj(i -> HexFormat.of().parseHex(LEAVES[i]))
                        .toList()))
                .isEqualTo(root);
    }

    @Test
    void rootsAreThoseOfTheDefinitionInTheRfc() throws NoSuchAlgorithmException {
        for (int n = 1; n <= 70; n++) {
            List<byte[]> leaves = IntStream.range(0, n)
                    .mapToObj(i -> ("leaf " + i).getBytes(StandardCharsets.US_ASCII))
                    .toList();
            assertThat(root(leaves)).isEqualTo(HexFormat.of().formatHex(definition(leaves)));
        }
    }

    /** RFC 6962, section 2.1: k is the largest power of two smaller than n. */
    private static byte[] definition(List<byte[]> leaves) throws NoSuchAlgorithmException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (leaves.size() == 1) {
            bytes.write(0);
            bytes.writeBytes(leaves.get(0));
        } else {
            int k = Integer.highestOneBit(leaves.size() - 1);
            bytes.write(1);
            bytes.writeBytes(definition(leaves.subList(0, k)));
            bytes.writeBytes(definition(leaves.subList(k, leaves.size())));
        }
        return MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
    }
}
