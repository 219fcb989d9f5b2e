package io.marketdata.collector.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class Ed25519SignatureTest {

    /** RFC 8032, section 7.1, TEST 2. */
    private static final String KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

    private static final String VALUE = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

    private static Ed25519Signature signature(String key, String value) {
        return new Ed25519Signature("Ed25519", key, value);
    }

    @Test
    void theSignatureOfTheRfcIsValid() {
        assertThat(signature(KEY, VALUE).isOf(new byte[] {0x72})).isTrue();
    }

    @Test
    void anotherMessageKeyOrSignatureIsNot() {
        String otherKey = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"; // of TEST 3
        assertThat(signature(KEY, VALUE).isOf(new byte[] {0x73})).isFalse();
        assertThat(signature(otherKey, VALUE).isOf(new byte[] {0x72})).isFalse();
        assertThat(signature("ff".repeat(32), VALUE).isOf(new byte[] {0x72})).isFalse();
        for (int i = 0; i < 64; i++) {
            byte[] changed = HexFormat.of().parseHex(VALUE);
            changed[i] ^= 1;
            assertThat(signature(KEY, HexFormat.of().formatHex(changed)).isOf(new byte[] {0x72}))
                    .isFalse();
        }
    }
}
