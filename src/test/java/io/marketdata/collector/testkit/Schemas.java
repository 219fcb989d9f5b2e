package io.marketdata.collector.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The published schemas, applied by an independent validator. */
public final class Schemas {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, JsonSchema> LOADED = new ConcurrentHashMap<>();

    private Schemas() {}

    /** What in {@code json} violates {@code schemas/<name>}. */
    public static List<String> violations(String name, byte[] json) throws IOException {
        return LOADED.computeIfAbsent(name, Schemas::load).validate(JSON.readTree(json)).stream()
                .map(ValidationMessage::getMessage)
                .toList();
    }

    private static JsonSchema load(String name) {
        try (InputStream in = Files.newInputStream(Path.of("schemas", name))) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(in, SchemaValidatorsConfig.builder().build());
        } catch (IOException e) {
            throw new AssertionError("schemas/" + name + " cannot be read", e);
        }
    }
}
