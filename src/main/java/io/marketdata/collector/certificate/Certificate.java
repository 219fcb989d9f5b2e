package io.marketdata.collector.certificate;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.Part;
import io.marketdata.collector.model.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A statement about a symbol and a period, bound to the bytes of every part that holds the trades, and optionally signed.
 * docs/CERTIFICATE.md is the format.
 *
 * @param canonical the statement, of which the UTF-8 bytes are digested and signed
 * @param statement what it says
 * @param digest SHA-256 of these bytes, as the file says
 * @param parts in the order of the file
 * @param root of the tree of these parts; the statement has another one if parts were changed
 */
public record Certificate(
        String canonical,
        Statement statement,
        String digest,
        @Nullable Ed25519Signature signature,
        List<CertifiedPart> parts,
        Sha256 root) {

    private static final long MAX_BYTES = 512L << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS, MapperFeature.AUTO_DETECT_IS_GETTERS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT, DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public Certificate {
        parts = List.copyOf(parts);
    }

    /**
     * Certifies what was found. Its leaves are the sound parts: what is damaged or not committed proves nothing.
     *
     * @param report with at least one sound part, and a verdict
     * @param deep whether every part was read for it
     * @param nowMs ms since 1970 UTC
     * @param key that signs; null for none
     */
    public static Certificate of(DayReport report, boolean deep, long nowMs, @Nullable SigningKey key) {
        List<CertifiedPart> parts = report.parts().stream()
                .filter(Part::isSound)
                .map(CertifiedPart::of)
                .sorted(Comparator.comparing(CertifiedPart::key)) // of sound parts they are ASCII
                .toList();
        MerkleTree tree = new MerkleTree();
        parts.forEach(part -> tree.add(CanonicalJson.of(JSON.valueToTree(part))));
        Statement statement = Statement.of(report, deep, nowMs, parts, tree.root());
        byte[] canonical = CanonicalJson.of(JSON.valueToTree(statement));
        Ed25519Signature signature = key == null ? null : key.sign(canonical);
        return new Certificate(
                new String(canonical, StandardCharsets.UTF_8),
                statement,
                Sha256.of(canonical).hex(),
                signature,
                parts,
                tree.root());
    }

    byte[] canonicalBytes() {
        return canonical.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Writes the file.
     *
     * @throws FileAlreadyExistsException if the file exists; nothing is overwritten
     */
    public void write(Path file) throws IOException {
        NewFile.write(file, this::writeTo);
    }

    /** The file's bytes. */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writeTo(out);
        } catch (IOException e) {
            throw new AssertionError("memory takes every byte", e);
        }
        return out.toByteArray();
    }

    /** One line for each part. */
    private void writeTo(OutputStream out) throws IOException {
        out.write(text("{\"statement\":"));
        out.write(canonicalBytes());
        out.write(text(",\n\"digest\":\"" + digest + "\",\n"));
        if (signature != null) {
            out.write(text("\"signature\":"));
            out.write(CanonicalJson.of(JSON.valueToTree(signature)));
            out.write(text(",\n"));
        }
        String before = "\"parts\":[\n";
        for (CertifiedPart part : parts) {
            out.write(text(before));
            out.write(CanonicalJson.of(JSON.valueToTree(part)));
            before = ",\n";
        }
        out.write(text("\n]}\n"));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads a certificate; whether it is true is another question.
     *
     * @throws IOException if it cannot be read, or is not a certificate of this version
     */
    public static Certificate read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("more than " + MAX_BYTES + " bytes");
        }
        try (InputStream in = Files.newInputStream(file);
                JsonParser json = JSON.createParser(in)) {
            return new Reading(json).certificate();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static final class Reading {
        private final JsonParser json;
        private final List<CertifiedPart> parts = new ArrayList<>();
        private final MerkleTree tree = new MerkleTree();
        private @Nullable JsonNode statement;
        private @Nullable String digest;
        private @Nullable JsonNode signature;

        Reading(JsonParser json) {
            this.json = json;
        }

        Certificate certificate() throws IOException {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                member(name);
            }
            if (json.nextToken() != null) {
                throw new IOException("more than one JSON object");
            }
            if (statement == null || digest == null) {
                throw new IOException("it has no statement or no digest");
            }
            return new Certificate(
                    new String(CanonicalJson.of(statement), StandardCharsets.UTF_8),
                    JSON.treeToValue(statement, Statement.class),
                    new Sha256(digest).hex(),
                    signature == null ? null : JSON.treeToValue(signature, Ed25519Signature.class),
                    parts,
                    tree.root());
        }

        private void member(String name) throws IOException {
            switch (name) {
                case "statement" -> statement = object(name);
                case "digest" -> digest = json.getValueAsString("");
                case "signature" -> signature = object(name);
                case "parts" -> parts();
                default -> throw new IOException("a member that no certificate has");
            }
        }

        private JsonNode object(String name) throws IOException {
            if (!json.isExpectedStartObjectToken()) {
                throw new IOException(name + " is not an object");
            }
            return json.readValueAsTree();
        }

        private void parts() throws IOException {
            if (!json.isExpectedStartArrayToken()) {
                throw new IOException("parts is not a list");
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                JsonNode part = object("an item of parts");
                tree.add(CanonicalJson.of(part));
                parts.add(JSON.treeToValue(part, CertifiedPart.class));
            }
        }
    }
}
