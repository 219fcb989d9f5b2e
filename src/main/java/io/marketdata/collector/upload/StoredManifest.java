package io.marketdata.collector.upload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import java.io.IOException;

/**
 * Decides whether an object under the name of our manifest commits our part. A manifest of the same part can have other
 * bytes: one that was made again after a crash has another {@code created_at_ms}. Reads only the members that decide,
 * so that a manifest of another version of this program is recognised.
 */
final class StoredManifest {

    /** Bytes. A manifest with 1,000 gaps has 40,000. */
    static final int MAX_BYTES = 4 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private StoredManifest() {}

    /**
     * Whether the object names the same part, with the same digest, of the same instance.
     *
     * @param object its first {@link #MAX_BYTES}
     */
    static boolean commits(byte[] object, Manifest ours) {
        Payload payload = ours.payload();
        try {
            JsonNode root = JSON.readTree(object);
            return root.at("/payload/s3_key").asText().equals(payload.s3Key())
                    && root.at("/payload/sha256")
                            .asText()
                            .equals(payload.sha256().hex())
                    && root.at("/source/instance_id")
                            .asText()
                            .equals(ours.source().instanceId().value());
        } catch (IOException e) {
            return false;
        }
    }
}
