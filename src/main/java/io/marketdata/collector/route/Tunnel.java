package io.marketdata.collector.route;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Time;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/** Opens a connection through a proxy with CONNECT. The proxy resolves the name of the destination. */
public final class Tunnel {

    /** Bytes; a longer answer is refused. Squid's own limit for headers is 64 KiB, its answers have less than 1 KiB. */
    private static final int MAX_ANSWER = 16 << 10;

    private static final Pattern STATUS =
            Pattern.compile("HTTP/1\\.\\d (\\d{3})(?: [^\\r\\n]*)?\\r?\\n.*", Pattern.DOTALL);

    private Tunnel() {}

    /**
     * As {@link #open}, with TLS above it for a destination that needs it. The handshake is not made yet, and the caller
     * must set that the certificate's host is checked.
     */
    public static Socket to(URI uri, ForwardProxy proxy, Duration timeout, Time time, Consumer<Socket> made)
            throws IOException {
        int port = ProxyRule.port(uri);
        Socket tunnel = open(proxy, uri.getHost(), port, timeout, time, made);
        SSLSocketFactory tls = (SSLSocketFactory) SSLSocketFactory.getDefault();
        return ProxyRule.isPlain(uri) ? tunnel : tls.createSocket(tunnel, uri.getHost(), port, true);
    }

    /**
     * Connects, and returns a socket whose next byte is the destination's own.
     *
     * @param host a name or address; an IPv6 address in brackets
     * @param timeout for all of it together, except the lookup of the proxy's own name
     * @param made receives the socket before it connects, so that another thread can close it
     * @throws IOException whose message names the proxy, and what to do if it refuses
     */
    public static Socket open(
            ForwardProxy proxy, String host, int port, Duration timeout, Time time, Consumer<Socket> made)
            throws IOException {
        long deadline = time.nanoTime() + timeout.toNanos();
        Socket socket = new Socket(Proxy.NO_PROXY);
        made.accept(socket);
        int status;
        try {
            socket.connect(new InetSocketAddress(proxy.host(), proxy.port()), millisUntil(deadline, time));
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(request(proxy, host + ":" + port));
            status = status(answer(socket, deadline, time));
        } catch (IOException e) {
            socket.close();
            throw new IOException(
                    "proxy " + proxy + " (" + proxy.source() + ") cannot be used: " + LogText.of(e.toString()), e);
        }
        if (status / 100 != 2) {
            socket.close();
            throw new IOException(proxy.refusal(status));
        }
        return socket;
    }

    private static byte[] request(ForwardProxy proxy, String destination) {
        String authorization = proxy.authorization()
                .map(value -> "Proxy-Authorization: " + value + "\r\n")
                .orElse("");
        return ("CONNECT " + destination + " HTTP/1.1\r\nHost: " + destination + "\r\n" + authorization + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Reads single bytes: what follows the empty line is the destination's. */
    private static String answer(Socket socket, long deadline, Time time) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder answer = new StringBuilder();
        while (answer.indexOf("\n\r\n", answer.length() - 3) < 0 && answer.indexOf("\n\n", answer.length() - 2) < 0) {
            socket.setSoTimeout(millisUntil(deadline, time));
            int next = in.read();
            if (next < 0 || answer.length() == MAX_ANSWER) {
                throw new IOException(next < 0 ? "it closed the connection" : "its answer has no end");
            }
            answer.append((char) next);
        }
        return answer.toString();
    }

    private static int status(String answer) throws IOException {
        Matcher status = STATUS.matcher(answer);
        if (!status.matches()) {
            throw new IOException("it answers as no HTTP proxy does");
        }
        return Integer.parseInt(status.group(1));
    }

    private static int millisUntil(long deadline, Time time) throws SocketTimeoutException {
        long millis = Duration.ofNanos(deadline - time.nanoTime()).toMillis();
        if (millis <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) Math.min(millis, Integer.MAX_VALUE);
    }
}
