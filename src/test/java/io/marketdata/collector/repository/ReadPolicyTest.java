package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReadPolicyTest {

    @Test
    void thePolicyOfReadersAllowsNoChange() throws Exception {
        JsonNode policy = new ObjectMapper().readTree(new File("infra/security/read-policy.json"));

        Set<String> allowed = new HashSet<>();
        for (JsonNode statement : policy.get("Statement")) {
            assertThat(statement.get("Effect").asText()).isEqualTo("Allow");
            JsonNode resources = statement.get("Resource");
            if (resources.isTextual()) {
                allowed.add(statement.get("Action").asText() + " " + resources.asText());
            }
            resources.forEach(resource -> allowed.add(statement.get("Action").asText() + " " + resource.asText()));
        }
        assertThat(allowed)
                .containsExactlyInAnyOrder(
                        "s3:ListBucket arn:aws:s3:::MY-BUCKET",
                        "s3:GetObject arn:aws:s3:::MY-BUCKET/raw/*",
                        "s3:GetObject arn:aws:s3:::MY-BUCKET/index/*",
                        "s3:GetObject arn:aws:s3:::MY-BUCKET/unparsed/*");
    }
}
