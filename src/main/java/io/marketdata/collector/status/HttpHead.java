package io.marketdata.collector.status;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, as much of it as the status server needs (RFC 9112). Its body, if there is one, is ignored.
 *
 * @param path without the query
 * @param host the one {@code Host} header
 * @param accept the {@code Accept} header, null if there is none
 */
record HttpHead(
        String method, String path, String host, @Nullable String accept) {

    private static final Pattern REQUEST_LINE = Pattern.compile("([A-Z]{1,16}) (/[!-~]*|\\*) HTTP/1\\.[01]");
    private static final Pattern HEADER = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(.*?)[ \\t]*");

    /** A head that is not HTTP as this server speaks it; the message is for the client. */
    static final class BadHeadException extends Exception {
        private static final long serialVersionUID = 1L;

        BadHeadException(String message) {
            super(message);
        }
    }

    /**
     * Reads a head.
     *
     * @param length bytes received so far
     * @return null if it is not complete yet
     */
    static @Nullable HttpHead read(byte[] bytes, int length) throws BadHeadException {
        if (length > 0 && (bytes[0] < 'A' || bytes[0] > 'Z')) {
            throw new BadHeadException("this port speaks HTTP/1.1 without TLS");
        }
        String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        return end < 0 ? null : parse(text.substring(0, end).split("\r\n", -1));
    }

    private static HttpHead parse(String[] lines) throws BadHeadException {
        var requestLine = REQUEST_LINE.matcher(lines[0]);
        if (!requestLine.matches()) {
            throw new BadHeadException("the request line is not: METHOD /path HTTP/1.1");
        }
        String host = null;
        String accept = null;
        for (int i = 1; i < lines.length; i++) {
            var header = HEADER.matcher(lines[i]);
            if (!header.matches()) {
                throw new BadHeadException("a header is not: Name: value");
            }
            String name = header.group(1).toLowerCase(Locale.ROOT);
            if (name.equals("host")) {
                if (host != null) {
                    throw new BadHeadException("more than one Host header");
                }
                host = header.group(2);
            } else if (name.equals("accept")) {
                accept = header.group(2);
            }
        }
        if (host == null) {
            throw new BadHeadException("no Host header");
        }
        return new HttpHead(requestLine.group(1), requestLine.group(2).replaceFirst("\\?.*", ""), host, accept);
    }
}
