package io.marketdata.collector.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingProofTest {

    private static final String STORED = "{\"symbol\":\"A\",\"last_trade_id\":9,\"last_stored_id\":8}";
    private static final String WAITING = "{\"symbol\":\"B\",\"last_trade_id\":9}";
    private static final String QUIET = "{\"symbol\":\"C\"}";

    private static RecordingProof of(String status, String reasons, String symbols) throws Exception {
        return RecordingProof.of(new ObjectMapper()
                .readTree(
                        "{\"status\":\"" + status + "\",\"reasons\":[" + reasons + "],\"symbols\":[" + symbols + "]}"));
    }

    private static String reason(String severity, String code) {
        return "{\"severity\":\"" + severity + "\",\"code\":\"" + code + "\",\"text\":\"why\"}";
    }

    @Test
    void everySymbolHasAnUploadedPart() throws Exception {
        assertThat(of("ok", "", STORED)).isEqualTo(new RecordingProof(true, true, "every symbol has an uploaded part"));
        assertThat(of("degraded", reason("degraded", "redundancy_reduced"), STORED)
                        .isProven())
                .isTrue();
    }

    @Test
    void tradesThatAreNotUploadedAreNoProof() throws Exception {
        RecordingProof proof = of("ok", "", STORED + "," + WAITING + "," + QUIET);

        assertThat(proof.isProven()).isFalse();
        assertThat(proof.text()).endsWith("trades arrive: B");
    }

    @Test
    void symbolWithoutTradesCountsAtTheEndOnly() throws Exception {
        RecordingProof proof = of("ok", "", STORED + "," + QUIET);

        assertThat(proof.isProven()).isTrue();
        assertThat(proof.isFinal()).isFalse();
        assertThat(proof.text()).contains("C").doesNotContain("A");
    }

    @Test
    void exchangeThatIsDownCountsAtTheEndOnly() throws Exception {
        RecordingProof proof =
                of("failing", reason("failing", "disconnected") + "," + reason("failing", "stale"), QUIET);

        assertThat(proof.isProven()).isTrue();
        assertThat(proof.isFinal()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "failing,uploads_refused",
        "degraded,uploads_refused",
        "degraded,symbol_unknown",
        "failing,spool_full",
        "failing,a_reason_of_a_later_version"
    })
    void whatIsWrongWithTheReleaseIsNeverCoveredByTheExchange(String severity, String code) throws Exception {
        RecordingProof proof = of("failing", reason("failing", "disconnected") + "," + reason(severity, code), STORED);

        assertThat(proof.isProven()).isFalse();
        assertThat(proof.text()).isEqualTo(code + ": why");
    }

    @Test
    void staleWithoutALostConnectionIsNoProof() throws Exception {
        assertThat(of("failing", reason("failing", "stale"), STORED).isProven()).isFalse();
        assertThat(of("ok", "", "").isProven()).isFalse();
        assertThat(of("", "", "").isProven()).isFalse();
    }
}
