package io.marketdata.collector.certificate;

import static io.marketdata.collector.certificate.CertifiedDay.DAY;
import static io.marketdata.collector.certificate.CertifiedDay.FIRST_ID;
import static io.marketdata.collector.certificate.CertifiedDay.NOW_MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.model.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private final CertifiedDay day = new CertifiedDay(id -> false);

    private Path file() {
        return dir.resolve("certificate.json");
    }

    private SigningKey key(String name) throws IOException {
        SigningKey.generate(dir.resolve(name));
        return SigningKey.read(dir.resolve(name));
    }

    private String publicKey(String name) throws IOException {
        return SigningKey.readPublic(dir.resolve(name + ".pub"));
    }

    private JsonNode written(@Nullable SigningKey key) throws IOException, InterruptedException {
        Files.deleteIfExists(file());
        day.certificate(key).write(file());
        return JSON.readTree(file().toFile());
    }

    /** The first difference of a document, or why it is not a certificate; empty if it is proven. */
    private String judged(String document, @Nullable String publicKey) throws IOException {
        Files.writeString(file(), document);
        try {
            List<String> differences = CertificateCheck.differences(Certificate.read(file()), publicKey);
            return differences.isEmpty() ? "" : differences.get(0);
        } catch (IOException e) {
            return "unreadable: " + e.getMessage();
        }
    }

    @Test
    void completeDayIsStatedWithItsPartsAndProven() throws IOException, InterruptedException {
        JsonNode document = written(key("k"));
        JsonNode statement = document.get("statement");

        assertThat(statement.get("verdict").textValue()).isEqualTo("complete");
        assertThat(statement.get("symbol").textValue()).isEqualTo("BTCUSDT");
        assertThat(statement.get("from_ms").longValue()).isEqualTo(DAY.fromMs());
        assertThat(statement.get("to_ms").longValue()).isEqualTo(DAY.toMs());
        assertThat(statement.get("id_first").longValue()).isEqualTo(FIRST_ID);
        assertThat(statement.get("trades").longValue()).isEqualTo(87);
        assertThat(statement.get("held_by").toString()).isEqualTo("[1,86]");
        assertThat(statement.get("gaps").toString()).isEqualTo("[]");
        assertThat(statement.get("before").toString()).isEqualTo("{\"id\":3999999,\"state\":\"joined\"}");
        assertThat(statement.get("parts").intValue())
                .isEqualTo(document.get("parts").size())
                .isEqualTo(173);
        assertThat(document.get("parts").findValuesAsText("key")).isSorted().allMatch(k -> k.endsWith(".jsonl.gz"));
        assertThat(judged(document.toPrettyString(), publicKey("k")))
                .as("the form of the file does not matter")
                .isEmpty();
    }

    @Test
    void digestsOfThePartsAreThoseOfTheBytesInTheBucket() throws InterruptedException {
        for (CertifiedPart part : day.certificate(null).parts()) {
            byte[] stored = day.bucket.get(part.key());
            assertThat(part.sha256()).isEqualTo(Sha256.of(stored).hex());
            assertThat(part.bytes()).isEqualTo(stored.length);
        }
    }

    @Test
    void incompleteDayIsStatedWithItsGaps() throws IOException, InterruptedException {
        new CertifiedDay(id -> id == FIRST_ID + 20 || id == FIRST_ID + 21)
                .certificate(null)
                .write(file());
        Certificate certificate = Certificate.read(file());

        assertThat(certificate.statement().saysComplete()).isFalse();
        assertThat(certificate.statement().gaps()).containsExactly(List.of(FIRST_ID + 20, FIRST_ID + 21));
        assertThat(certificate.statement().missing()).isEqualTo(2);
        assertThat(CertificateCheck.differences(certificate, null)).isEmpty();
    }

    @Test
    void damagedPartIsExcludedAndNoLeaf() throws IOException, InterruptedException {
        String key = day.certificate(null).parts().get(7).key();
        day.bucket.plant(key, "damaged".getBytes(StandardCharsets.US_ASCII));
        Certificate certificate = day.certificate(null);

        assertThat(certificate.statement().excluded()).containsExactly(key);
        assertThat(certificate.parts())
                .hasSize(172)
                .noneMatch(part -> part.key().equals(key));
        assertThat(certificate.statement().saysComplete()).isFalse();
        assertThat(CertificateCheck.differences(certificate, null)).isEmpty();
    }

    @Test
    void everyChangeOfEveryMemberIsFound() throws IOException, InterruptedException {
        JsonNode document = shortDocument(key("k"));
        List<String> unnoticed = new ArrayList<>();
        int changes = 0;
        for (ObjectNode object : objects(document).toList()) {
            for (String name : names(object)) {
                JsonNode value = object.get(name);
                for (JsonNode other : others(value)) {
                    object.set(name, other);
                    changes++;
                    note(document, null, name + " is " + other, unnoticed);
                }
                object.remove(name);
                changes++;
                note(document, null, name + " removed", unnoticed);
                if (name.equals("signature")) {
                    assertThat(judged(document.toString(), publicKey("k"))).startsWith("it is not signed");
                }
                object.set(name, value);
            }
        }
        assertThat(judged(document.toString(), null)).isEmpty();
        assertThat(changes).isGreaterThan(150);
        // It is then a true certificate that is not signed; --key refuses it, as above.
        assertThat(unnoticed).containsExactly("signature removed");
    }

    private void note(JsonNode document, @Nullable String key, String change, List<String> unnoticed)
            throws IOException {
        if (judged(document.toString(), key).isEmpty()) {
            unnoticed.add(change);
        }
    }

    /** The first two hours, with few parts. */
    private ObjectNode shortDocument(@Nullable SigningKey key) throws IOException, InterruptedException {
        Files.deleteIfExists(file());
        Period period = new Period(DAY.fromMs(), DAY.fromMs() + 7_200_000);
        Certificate.of(day.report(period), true, NOW_MS, key).write(file());
        return (ObjectNode) JSON.readTree(file().toFile());
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Stream<ObjectNode> objects(JsonNode node) {
        List<JsonNode> inner = new ArrayList<>();
        node.forEach(inner::add);
        Stream<ObjectNode> here = node instanceof ObjectNode object ? Stream.of(object) : Stream.of();
        return Stream.concat(here, inner.stream().flatMap(CertificateTest::objects));
    }

    /** Values that are close to this one. */
    private static List<JsonNode> others(JsonNode value) {
        JsonNodeFactory make = JSON.getNodeFactory();
        if (value.isNumber()) {
            return List.of(make.numberNode(value.longValue() + 1), make.numberNode(0.5), make.nullNode());
        }
        if (value.isTextual()) {
            String text = value.textValue();
            String end = text.endsWith("0") ? "1" : "0";
            return List.of(make.textNode(text.substring(0, text.length() - 1) + end), make.textNode(""));
        }
        if (value.isBoolean()) {
            return List.of(make.booleanNode(!value.booleanValue()));
        }
        if (value instanceof ArrayNode array) {
            ArrayNode longer = array.deepCopy();
            longer.add(array.isEmpty() ? make.textNode("x") : array.get(array.size() - 1));
            ArrayNode shorter = array.deepCopy();
            shorter.remove(0);
            return array.isEmpty() ? List.of(longer) : List.of(longer, shorter);
        }
        return List.of(make.nullNode());
    }

    /** Digest and root of what the document says now, as somebody without the key can compute them. */
    private static String resealed(ObjectNode document) {
        MerkleTree tree = new MerkleTree();
        document.get("parts").forEach(part -> tree.add(CanonicalJson.of(part)));
        ObjectNode statement = (ObjectNode) document.get("statement");
        statement.put("root", tree.root().hex());
        document.put("digest", Sha256.of(CanonicalJson.of(statement)).hex());
        return document.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/statement | trades | 9 | the number of trades",
                "/statement | missing | 1 | the number of missing trades",
                "/statement | gaps | [[4000001,4000001]] | the number of trades",
                "/statement | gaps | [[4000001]] | unreadable",
                "/statement | gaps | [[-1,2]] | unreadable",
                "/statement | gaps | [[null,2]] | unreadable",
                "/statement | gaps | [null] | unreadable",
                "/statement | instances | [null] | unreadable",
                "/statement | before | null | unreadable",
                "/statement | trades | \"8\" | unreadable",
                "/statement | problems | 1 | it states complete, and gaps or problems",
                "/statement | held_by | [1,8] | held_by does not add up",
                "/statement | held_by | [0,8] | the trades of the instances do not add up",
                "/statement | held_by | [8] | held_by does not add up",
                "/statement | id_first | 3999999 | the first and the last id",
                "/statement | id_last | 4000008 | the first and the last id",
                "/statement | id_last | 1 | unreadable",
                "/statement | parts | 14 | it lists 15 parts and states 14",
                "/statement | from_ms | 1736899260000 | raw/",
                "/statement | symbol | \"ETHUSDT\" | raw/",
                "/statement | symbol | \"../..\" | unreadable",
                "/statement | verdict | \"fine\" | unreadable",
                "/statement | version | \"2\" | unreadable",
                "/statement/instances/0 | parts | 7 | the parts of the instances",
                "/statement/instances/0 | trades | 7 | the trades of the instances do not add up",
                "/parts/1 | key | \"raw/x\" | raw/x is not the key",
                "/parts/1 | count | 0 | raw/",
                "/parts/1 | id_first | 1 | raw/",
                "/parts/1 | id_last | 1 | raw/",
                "/parts/1 | bytes | 0 | raw/",
            })
    void statementThatCannotBeTrueIsFoundWithoutASignature(
            String object, String member, String value, String difference) throws IOException, InterruptedException {
        ObjectNode document = shortDocument(null);
        assertThat(judged(resealed(document), null)).isEmpty();
        ((ObjectNode) document.at(object)).set(member, JSON.readTree(value));

        assertThat(judged(resealed(document), null)).startsWith(difference);
    }

    @Test
    void partsInAnotherOrderOrTwiceOrExcludedAreFound() throws IOException, InterruptedException {
        ObjectNode document = shortDocument(null);
        ArrayNode parts = (ArrayNode) document.get("parts");
        String key = parts.get(3).get("key").textValue();
        parts.insert(1, parts.remove(3));
        assertThat(judged(resealed(document), null)).contains("is not in the order of the keys");

        parts.set(2, parts.get(1));
        assertThat(judged(resealed(document), null)).contains("is not in the order of the keys");

        document = shortDocument(null);
        ((ArrayNode) document.at("/statement/excluded")).add(key);
        assertThat(judged(resealed(document), null)).isEqualTo("a part is listed and excluded as well");
    }

    @Test
    void signatureByAnotherKeyIsFound() throws IOException, InterruptedException {
        key("other");
        String document = shortDocument(key("k")).toString();

        assertThat(judged(document, publicKey("k"))).isEmpty();
        assertThat(judged(document, publicKey("other"))).startsWith("it is signed by " + publicKey("k"));
        String pretended = document.replace(publicKey("k"), publicKey("other"));
        assertThat(judged(pretended, publicKey("other"))).startsWith("the signature is not one of this statement");
        ObjectNode changed = (ObjectNode) JSON.readTree(document);
        ((ObjectNode) changed.get("statement")).put("created_at_ms", 1);
        assertThat(judged(resealed(changed), null)).startsWith("the signature is not one of this statement");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "[]", "{}", "{\"parts\":{}}", "{\"statement\":{},\"digest\":\"x\",\"parts\":[]}", "{\"a\":1}"
            })
    void whatIsNoCertificateIsUnreadable(String text) throws IOException {
        assertThat(judged(text, null)).startsWith("unreadable: ");
    }

    @Test
    void memberThatIsThereTwiceAndASecondDocumentAreUnreadable() throws IOException, InterruptedException {
        String document = shortDocument(null).toString();

        assertThat(judged(document.replaceFirst("\"trades\":", "\"trades\":1,\"trades\":"), null))
                .startsWith("unreadable: Duplicate");
        assertThat(judged(document + "{}", null)).startsWith("unreadable: ");
        assertThat(judged(document.substring(0, document.length() - 1), null)).startsWith("unreadable: ");
    }

    @Test
    void membersOfLaterVersionsAreBoundAndDoNotDisturb() throws IOException, InterruptedException {
        ObjectNode document = shortDocument(null);
        ((ObjectNode) document.get("statement")).put("later", "x");
        ((ObjectNode) document.at("/parts/2")).put("later", 1);
        assertThat(judged(resealed(document), null)).isEmpty();

        ((ObjectNode) document.at("/parts/2")).put("later", 2);
        assertThat(judged(document.toString(), null)).startsWith("the list of parts was changed");
    }

    @Test
    void existingFileIsNotOverwritten() throws IOException, InterruptedException {
        Files.writeString(file(), "mine");
        Certificate certificate = day.certificate(null);

        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> certificate.write(file()));
        assertThat(file()).hasContent("mine");
        assertThat(dir.toFile().list()).as("nothing else is left").containsExactly("certificate.json");
    }

    @Test
    void keyIsReadableByItsOwnerOnlyAndNeverOverwritten() throws IOException {
        Path key = dir.resolve("k");
        String publicKey = SigningKey.generate(key);

        assertThat(Files.getPosixFilePermissions(key)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(publicKey).matches("[0-9a-f]{64}").isEqualTo(publicKey("k"));
        String before = Files.readString(key);
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> SigningKey.generate(key));
        Files.delete(dir.resolve("k.pub"));
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> SigningKey.generate(key));
        assertThat(key).hasContent(before.strip());
        Files.delete(key);
        Files.writeString(dir.resolve("k.pub"), "mine");
        assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(() -> SigningKey.generate(key));
        assertThat(key).doesNotExist();
    }

    @Test
    void keyThatIsNotOneIsRefusedWithItsReason() throws IOException {
        Path key = dir.resolve("k");
        SigningKey.generate(key);
        SigningKey.generate(dir.resolve("other"));
        Path publicFile = dir.resolve("k.pub");

        assertThatIOException()
                .isThrownBy(() -> SigningKey.readPublic(key))
                .withMessageContaining("is not a PEM file that begins with -----BEGIN PUBLIC KEY-----");
        Files.copy(dir.resolve("other.pub"), publicFile, StandardCopyOption.REPLACE_EXISTING);
        assertThatIOException()
                .isThrownBy(() -> SigningKey.read(key))
                .withMessage(publicFile + " is not the public key of " + key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatIOException()
                .isThrownBy(() -> SigningKey.read(key))
                .withMessageContaining("every user of this machine may read " + key + ": chmod 600");
    }
}
