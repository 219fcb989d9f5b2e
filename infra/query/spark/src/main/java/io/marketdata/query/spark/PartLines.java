package io.marketdata.query.spark;

import io.marketdata.collector.model.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import org.apache.spark.sql.api.java.UDF2;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a part, of exactly the bytes that its manifest names. None if they are others or not gzip of UTF-8: then the
 * hour has fewer lines than its manifests say, and its parts are checked one by one. Runs on executors.
 */
final class PartLines implements UDF2<byte[], @Nullable String, String[]> {

    private static final long serialVersionUID = 1;

    private static final String[] NONE = {};

    @Override
    public String[] call(byte[] gzip, @Nullable String sha256) {
        if (sha256 != null && !sha256.equals(Sha256.of(gzip).hex())) {
            return NONE;
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes());
            String text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return text.lines().toArray(String[]::new);
        } catch (IOException e) {
            return NONE;
        }
    }
}
