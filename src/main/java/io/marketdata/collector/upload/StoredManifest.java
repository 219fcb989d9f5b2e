package io.marketdata.collector.upload;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Payload;
import io.marketdata.collector.spool.Spool;
import java.io.IOException;

/**
 * Decides whether an object under the name of our manifest commits our part. A manifest of the same part can have other
 * bytes: one that was made again after a crash has another {@code created_at_ms}. Reads only the members that decide,
 * so that a manifest of another version of this program is recognised.
 */
final class StoredManifest {

    /** One byte more than any manifest has. */
    static final int MAX_BYTES = Spool.MAX_MANIFEST_BYTES + 1;

    private StoredManifest() {}

    /**
     * Whether the object names the same part, with the same digest, of the same instance.
     *
     * @param object its first {@link #MAX_BYTES}
     */
    static boolean commits(byte[] object, Manifest ours) {
        Payload payload = ours.payload();
        try {
            JsonNode root = ManifestJson.parse(object);
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
