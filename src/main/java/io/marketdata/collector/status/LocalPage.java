package io.marketdata.collector.status;

import io.marketdata.collector.model.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of a collector on this machine. Requested over a plain socket, because an HTTP client takes longer to load than the
 * whole answer takes; HTTP/1.0, so that the page ends where the connection ends.
 *
 * @param status of HTTP
 */
public record LocalPage(int status, String body) {

    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})[^\\r\\n]*\\r\\n");

    /**
     * The address at which this machine reaches a server that listens on {@code host}, as in a URI: {@code 0.0.0.0} and
     * {@code ::} mean every address, so the loopback address is one of them.
     *
     * @param host as {@code HTTP_HOST}: a name, or a literal IP address without brackets
     */
    public static String reachedAt(String host) {
        if (host.matches("0+(\\.0+){3}")) {
            return "127.0.0.1";
        }
        return AllowedHosts.bracketed(host.indexOf(':') >= 0 && host.matches("[0:.]+") ? "::1" : host);
    }

    /**
     * Requests it.
     *
     * @param host as in a URI, from {@link #reachedAt}
     * @param timeout of everything but the resolution of a name
     * @param maxBytes of the answer
     * @throws IOException if there is no whole answer
     */
    public static LocalPage get(String host, int port, String path, Duration timeout, int maxBytes, Time time)
            throws IOException {
        long deadline = time.nanoTime() + timeout.toNanos();
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getByName(host), port), leftMs(deadline, time));
            String request = "GET " + path + " HTTP/1.0\r\nHost: " + host + ":" + port + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return parse(read(socket, deadline, maxBytes, time));
        }
    }

    private static String read(Socket socket, long deadline, int maxBytes, Time time) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] buffer = new byte[8_192];
        InputStream in = socket.getInputStream();
        while (true) {
            socket.setSoTimeout(leftMs(deadline, time));
            int count = in.read(buffer);
            if (count < 0) {
                return answer.toString(StandardCharsets.UTF_8);
            }
            answer.write(buffer, 0, count);
            if (answer.size() > maxBytes) {
                throw new IOException("the answer is longer than " + maxBytes + " bytes");
            }
        }
    }

    private static int leftMs(long deadline, Time time) throws IOException {
        long left = (deadline - time.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new IOException("no whole answer in time");
        }
        return (int) left;
    }

    private static LocalPage parse(String answer) throws IOException {
        Matcher matcher = ANSWER.matcher(answer);
        int head = answer.indexOf("\r\n\r\n");
        if (!matcher.lookingAt() || head < 0) {
            throw new IOException("the answer is not HTTP");
        }
        return new LocalPage(Integer.parseInt(matcher.group(1)), answer.substring(head + 4));
    }
}
