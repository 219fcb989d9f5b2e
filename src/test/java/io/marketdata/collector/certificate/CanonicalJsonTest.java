package io.marketdata.collector.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {

    private static String canonical(String json) throws JsonProcessingException {
        return new String(CanonicalJson.of(new ObjectMapper().readTree(json)), StandardCharsets.UTF_8);
    }

    @Test
    void membersAreSortedAndWhiteSpaceIsGone() throws JsonProcessingException {
        assertThat(canonical("{ \"b\" : [ 1 , {} , [] ], \"B\": true,\n\"a_1\": null, \"a\": false }"))
                .isEqualTo("{\"B\":true,\"a\":false,\"a_1\":null,\"b\":[1,{},[]]}");
    }

    /** The string of RFC 8785, section 3.2.2.2, and every character that it treats in its own way. */
    @Test
    void textIsEscapedAsInTheRfc() throws JsonProcessingException {
        assertThat(canonical("\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\""))
                .isEqualTo("\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
        assertThat(canonical("\"\\b\\t\\n\\f\\r\\u0000\\u001F\\u007f\\ud83d\\ude00\""))
                .isEqualTo("\"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f\ud83d\ude00\"");
    }

    @Test
    void integersHaveOneSpelling() throws JsonProcessingException {
        assertThat(canonical("[0,-0,-1,9007199254740991,-9007199254740991]"))
                .isEqualTo("[0,0,-1,9007199254740991,-9007199254740991]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.0",
                "1e3",
                "9007199254740992",
                "-9007199254740992",
                "99999999999999999999",
                "\"\\ud800\"",
                "{\"\u00e9\":1}"
            })
    void whatReadersMayReadInAnotherWayIsRefused(String json) {
        assertThatIllegalArgumentException().isThrownBy(() -> canonical(json));
    }
}
