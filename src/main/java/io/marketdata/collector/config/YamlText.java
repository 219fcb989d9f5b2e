package io.marketdata.collector.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Parses the YAML file into a flat map of dotted path and value. Read as a stream of events, never as a tree, so an alias is
 * seen as an alias and cannot be multiplied, and no tag creates an object. Values stay the text that was written.
 */
final class YamlText {

    private static final YAMLFactory FORMAT = new YAMLFactory();

    private final String label;
    private final Problems problems;
    private final Map<String, Stated> values = new LinkedHashMap<>();

    private YamlText(String label, Problems problems) {
        this.label = label;
        this.problems = problems;
    }

    /**
     * The values by dotted path, in the order of the file; everything that cannot be parsed is added to the problems.
     *
     * @param label the file's name for messages
     */
    static Map<String, Stated> parse(String text, String label, Problems problems) {
        YamlText yaml = new YamlText(label, problems);
        try (YAMLParser parser = FORMAT.createParser(text)) {
            yaml.readDocument(parser);
        } catch (JsonProcessingException e) {
            problems.add(yaml.malformed(e));
        } catch (IOException e) {
            throw new AssertionError("reading from memory does no I/O", e);
        }
        return yaml.values;
    }

    private void readDocument(YAMLParser parser) throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null) {
            return;
        }
        if (first != JsonToken.START_OBJECT) {
            problems.add(where(parser) + ": must begin with a line such as feed:");
            return;
        }
        readSections(parser);
        if (parser.nextToken() != null) {
            problems.add(where(parser) + ": a second document begins; only one is allowed");
        }
    }

    /** Reads to the end of the outermost mapping. */
    private void readSections(YAMLParser parser) throws IOException {
        Deque<String> sections = new ArrayDeque<>();
        String path = "";
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
            switch (token) {
                case FIELD_NAME -> path = join(sections.peek(), parser.currentName());
                case START_OBJECT -> sections.push(path);
                case END_OBJECT -> {
                    if (sections.isEmpty()) {
                        return;
                    }
                    sections.pop();
                }
                case START_ARRAY -> {
                    String where = where(parser);
                    parser.skipChildren();
                    problems.add(where + ": " + path + " is a list; write the items as a,b");
                }
                default -> add(path, parser);
            }
        }
    }

    private static String join(@Nullable String section, String name) {
        return section == null ? name : section + "." + name;
    }

    private void add(String path, YAMLParser parser) throws IOException {
        String where = where(parser);
        if (parser.isCurrentAlias()) {
            problems.add(where + ": " + path + " is an alias; write the value itself");
            return;
        }
        boolean isNull = parser.currentToken() == JsonToken.VALUE_NULL;
        Stated earlier = values.putIfAbsent(path, new Stated(isNull ? "" : parser.getText(), where, isNull));
        if (earlier != null) {
            problems.add(where + ": " + path + " is set twice, first at " + earlier.where() + "; remove one");
        }
    }

    private String where(YAMLParser parser) {
        return label + " line " + parser.currentTokenLocation().getLineNr();
    }

    private String malformed(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return label + " line " + (marked.getProblemMark().getLine() + 1) + " column "
                    + (marked.getProblemMark().getColumn() + 1) + ": not YAML: "
                    + marked.getProblem().replaceAll("\\s+", " ");
        }
        JsonLocation location = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
        return label + " line " + location.getLineNr() + " column " + location.getColumnNr()
                + ": not YAML of the form NAME: value";
    }
}
