package io.marketdata.collector.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** An S3 server that serves listings and objects of a map over HTTP, as fast as the JDK's server can. */
public final class ReadOnlyS3 implements AutoCloseable {

    private static final int PAGE = 1_000;

    private final NavigableMap<String, byte[]> objects;
    private final HttpServer server;
    private final AtomicInteger objectsRead = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(64, task -> {
        Thread thread = new Thread(task, "read-only-s3");
        thread.setDaemon(true);
        return thread;
    });

    /** @param objects by their keys; not changed while this runs */
    public ReadOnlyS3(NavigableMap<String, byte[]> objects) throws IOException {
        this.objects = objects;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(threads);
        server.createContext("/" + S3ProxyServer.BUCKET, this::answer);
        server.start();
    }

    /** How many objects were read. */
    public int objectsRead() {
        return objectsRead.get();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String key = exchange.getRequestURI().getPath().substring(S3ProxyServer.BUCKET.length() + 1);
            String query = exchange.getRequestURI().getRawQuery();
            boolean isList = query != null && query.contains("list-type=2");
            byte[] body = isList ? list(parameters(query)) : objects.get(key.substring(1));
            if (body == null) {
                body = "<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>"
                        .getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(404, body.length);
            } else {
                objectsRead.addAndGet(isList ? 0 : 1);
                exchange.getResponseHeaders().set("Last-Modified", "Wed, 15 Jan 2025 10:00:00 GMT");
                exchange.sendResponseHeaders(200, body.length);
            }
            exchange.getResponseBody().write(body);
        }
    }

    private static Map<String, String> parameters(String query) {
        return Arrays.stream(query.split("&", -1))
                .map(each -> each.split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each.length < 2 ? "" : decoded(each[1])));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private byte[] list(Map<String, String> parameters) {
        String prefix = parameters.getOrDefault("prefix", "");
        NavigableMap<String, byte[]> from = objects.tailMap(prefix, true).headMap(prefix + Character.MAX_VALUE, false);
        String after = parameters.getOrDefault("start-after", "");
        StringBuilder xml = new StringBuilder("<ListBucketResult>");
        boolean isTruncated = false;
        if (parameters.containsKey("delimiter")) {
            TreeSet<String> folders = new TreeSet<>();
            String next = from.isEmpty() ? null : from.firstKey();
            while (next != null && next.indexOf('/', prefix.length()) > 0) {
                String folder = next.substring(0, next.indexOf('/', prefix.length()) + 1);
                folders.add(folder);
                next = from.higherKey(folder + Character.MAX_VALUE);
            }
            folders.forEach(folder ->
                    xml.append("<CommonPrefixes><Prefix>").append(folder).append("</Prefix></CommonPrefixes>"));
        } else {
            NavigableMap<String, byte[]> rest = after.isEmpty() ? from : from.tailMap(after, false);
            int count = 0;
            for (var object : rest.entrySet()) {
                if (count++ == PAGE) {
                    isTruncated = true;
                    break;
                }
                xml.append("<Contents><Key>")
                        .append(object.getKey())
                        .append("</Key><LastModified>")
                        .append(Instant.ofEpochSecond(1_736_935_200))
                        .append("</LastModified><Size>")
                        .append(object.getValue().length)
                        .append("</Size></Contents>");
            }
        }
        xml.append("<IsTruncated>").append(isTruncated).append("</IsTruncated></ListBucketResult>");
        return xml.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
