package io.marketdata.collector.status;

import io.marketdata.collector.model.LogThrottle;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.status.StatusServer.Answer;
import io.marketdata.collector.status.StatusServer.Page;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests with pages, as the bytes of HTTP/1.1, each with the headers that protect its reader. Any thread. */
final class PageAnswers {

    private static final Duration LOG_EVERY = Duration.ofMinutes(1);
    private static final Logger LOG = LoggerFactory.getLogger(PageAnswers.class);

    private final Map<String, Page> pages;
    private final String live;
    private final AllowedHosts hosts;
    private final Consumer<Throwable> fault;
    private final Time time;
    private final LogThrottle failures = new LogThrottle(LOG_EVERY);

    /**
     * Serves these pages.
     *
     * @param pages by their paths; each path begins with a slash
     * @param live the path of the page that is answered at once: it must cost nothing
     * @param fault takes errors that no page may swallow, such as too little memory
     */
    PageAnswers(Map<String, Page> pages, String live, AllowedHosts hosts, Consumer<Throwable> fault, Time time) {
        this.pages = new TreeMap<>(pages);
        this.live = live;
        this.hosts = hosts;
        this.fault = fault;
        this.time = time;
    }

    /** The answer to a request that needs no rendering; null for the others. */
    @Nullable
    ByteBuffer atOnce(HttpHead head) {
        if (!hosts.allows(head.host())) {
            return bytes(
                    Answer.text(
                            421,
                            "This Host is not answered, to protect against DNS rebinding. Use localhost or the IP"
                                    + " address, or set HTTP_HOST to this name.\n"),
                    head);
        }
        if (!head.method().equals("GET") && !head.method().equals("HEAD")) {
            return bytes(Answer.text(405, "Only GET and HEAD are allowed.\n"), head);
        }
        if (!pages.containsKey(head.path())) {
            return bytes(Answer.text(404, "Available pages: " + String.join(" ", pages.keySet()) + "\n"), head);
        }
        return head.path().equals(live) ? rendered(head) : null;
    }

    /** Renders the page of a request that has one. */
    ByteBuffer rendered(HttpHead head) {
        try {
            Page page = pages.get(head.path());
            return bytes(page == null ? Answer.text(404, "") : page.show(head.accept()), head);
        } catch (IOException | RuntimeException e) {
            // A failing page does not end the process.
            if (failures.admits(head.path(), time.nanoTime())) {
                LOG.error("Page {} failed: {}", head.path(), e.toString(), e);
            }
        } catch (Error e) {
            fault.accept(e);
        }
        return bytes(Answer.text(500, "This page failed; the log says why.\n"), head);
    }

    static ByteBuffer busy(HttpHead head) {
        return bytes(Answer.text(503, "Too many requests at once.\n"), head);
    }

    static ByteBuffer bad(@Nullable String why) {
        return bytes(Answer.text(400, why + "\n"), true);
    }

    private static ByteBuffer bytes(Answer answer, HttpHead head) {
        return bytes(answer, !head.method().equals("HEAD"));
    }

    private static ByteBuffer bytes(Answer answer, boolean withBody) {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + answer.status() + " " + reason(answer.status()) + "\r\nContent-Type: "
                + answer.contentType() + "\r\nContent-Length: " + body.length
                + "\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Security-Policy: " + answer.policy()
                + "\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer"
                + "\r\nCross-Origin-Resource-Policy: same-origin\r\n"
                + (answer.status() == 405 ? "Allow: GET, HEAD\r\n" : "") + "\r\n";
        byte[] headBytes = head.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer bytes = ByteBuffer.allocate(headBytes.length + (withBody ? body.length : 0));
        bytes.put(headBytes);
        if (withBody) {
            bytes.put(body);
        }
        return bytes.flip();
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 421 -> "Misdirected Request";
            case 500 -> "Internal Server Error";
            case 503 -> "Service Unavailable";
            default -> "Status";
        };
    }
}
