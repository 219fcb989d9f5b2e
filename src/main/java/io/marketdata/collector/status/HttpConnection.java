package io.marketdata.collector.status;

import io.marketdata.collector.status.HttpHead.BadHeadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer on a connection that never blocks: reads the head, waits for the answer, writes it, discards
 * what the client still sends, and ends. Belongs to the server's thread.
 */
final class HttpConnection {

    /** Bytes of a head. */
    static final int MAX_HEAD = 8_192;

    /** Bytes of a body that are discarded, so that a client that sends one gets its answer. */
    private static final int MAX_DISCARDED = 1 << 20;

    private final SelectionKey key;
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(MAX_HEAD);
    private @Nullable ByteBuffer out;
    private boolean isAsked;
    private int discarded;
    private long beganNanos;

    HttpConnection(SelectionKey key, long nowNanos) {
        this.key = key;
        this.channel = (SocketChannel) key.channel();
        this.beganNanos = nowNanos;
    }

    /** When the present half began: the request or the answer. Monotonic. */
    long beganNanos() {
        return beganNanos;
    }

    /** Bytes of the answer that the client has not read yet. */
    int pending() {
        return out == null ? 0 : out.remaining();
    }

    /** Whether it can still be answered. */
    boolean isOpen() {
        return channel.isOpen();
    }

    /**
     * Continues without waiting. The request is returned once, when its head has arrived.
     *
     * @return null if there is nothing to do yet
     * @throws IOException if the connection has ended
     * @throws BadHeadException if the client does not speak HTTP
     */
    @Nullable
    HttpHead proceed() throws IOException, BadHeadException {
        if (out != null) {
            write(out);
            return null;
        }
        if (isAsked || readOrEnd(in) == 0) {
            return null;
        }
        HttpHead head = HttpHead.read(in.array(), in.position());
        if (head == null && !in.hasRemaining()) {
            throw new BadHeadException("the head is longer than " + MAX_HEAD + " bytes");
        }
        if (head != null) {
            isAsked = true;
            key.interestOps(0);
        }
        return head;
    }

    /** Sends the answer as far as the client takes it; {@link #proceed} continues. */
    void answer(ByteBuffer answer, long nowNanos) throws IOException {
        out = answer;
        beganNanos = nowNanos;
        write(answer);
    }

    private void write(ByteBuffer answer) throws IOException {
        if (answer.hasRemaining()) {
            channel.write(answer);
            if (answer.hasRemaining()) {
                key.interestOps(SelectionKey.OP_WRITE);
                return;
            }
            channel.shutdownOutput();
            key.interestOps(SelectionKey.OP_READ);
        }
        discard();
    }

    /** A connection that is closed with unread bytes is reset, and its client would lose the answer. */
    private void discard() throws IOException {
        in.clear();
        discarded += readOrEnd(in);
        if (discarded > MAX_DISCARDED) {
            throw new IOException("the body is too long");
        }
    }

    private int readOrEnd(ByteBuffer into) throws IOException {
        int read = channel.read(into);
        if (read < 0) {
            throw new IOException("the client has ended the connection");
        }
        return read;
    }

    /** Closes it; the client sees an end, or a reset if it still sends. */
    void close() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            // The descriptor is released anyway, and the client is gone.
        }
    }
}
