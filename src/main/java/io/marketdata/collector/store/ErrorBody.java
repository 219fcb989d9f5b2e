package io.marketdata.collector.store;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The elements of an S3 error that say what is wrong ("REST error responses", Amazon S3 API Reference), read without an
 * XML parser: bytes that only look like XML, nested ones, entities and document types cost nothing and have no effect.
 * Of an HTML page, which comes from a proxy or a web server, the title is the message.
 */
final class ErrorBody {

    /** The code given to an HTML page. */
    static final String HTML = "HtmlPage";

    private static final int MAX_VALUE_CHARS = 1_000;
    private static final Pattern ELEMENT = Pattern.compile("<(?:\\w{1,20}:)?(Code|Message|Header|ArgumentName|"
            + "ArgumentValue|Resource|BucketName|Region|Endpoint)>(?:<!\\[CDATA\\[)?([^<\\]]{0," + MAX_VALUE_CHARS
            + "}+)");
    private static final Pattern TITLE = Pattern.compile("<(?:title|h1)>([^<]{0,200}+)");

    private final Map<String, String> elements = new LinkedHashMap<>();

    private ErrorBody() {}

    /** @param body UTF-8; anything */
    static ErrorBody of(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        ErrorBody error = new ErrorBody();
        String start =
                text.substring(0, Math.min(text.length(), 1_000)).stripLeading().toLowerCase(Locale.ROOT);
        if (start.startsWith("<!doctype html") || start.startsWith("<html") || start.contains("<head>")) {
            Matcher title = TITLE.matcher(start);
            error.elements.put("Code", HTML);
            error.elements.put("Message", title.find() ? title.group(1).strip() : "");
            return error;
        }
        Matcher found = ELEMENT.matcher(text);
        while (found.find()) {
            error.elements.putIfAbsent(found.group(1), unescaped(found.group(2).strip()));
        }
        return error;
    }

    private static String unescaped(String xml) {
        return xml.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&apos;", "'")
                .replace("&#39;", "'")
                .replace("&#34;", "\"")
                .replace("&amp;", "&");
    }

    /** An element's text, or "". */
    String get(String element) {
        return elements.getOrDefault(element, "");
    }

    /** The same elements as an error that any XML parser reads: one level, no attributes, printable characters. */
    byte[] xml() {
        StringBuilder xml = new StringBuilder("<Error>");
        elements.forEach((name, value) -> xml.append('<')
                .append(name)
                .append('>')
                .append(escaped(value))
                .append("</")
                .append(name)
                .append('>'));
        return xml.append("</Error>").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String escaped(String text) {
        return text.replaceAll("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]", " ")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }
}
