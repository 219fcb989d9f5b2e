package io.marketdata.collector.benchmark;

import io.marketdata.collector.model.Time;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLSocketFactory;

/**
 * The least that writes the same lines: it reads the socket, finds the frames, writes the lines of one read
 * in one call, and compresses and hashes each part on a second thread. It reads no id, checks nothing, reconnects never,
 * and proves nothing. The reference for what everything else costs, not a program to use.
 */
final class BareMinimum {

    private static final int READ = 1 << 16;
    private static final int PART_BYTES = 2 << 20;
    private static final long PART_NANOS = 5_000_000_000L;

    /** Before the event in a frame of the combined stream. */
    private static final int WRAPPER = "{\"stream\":\"btcusdt@trade\",\"data\":".length();

    private final Path spool;
    private final Path bucket;
    private final BlockingQueue<Path> sealed = new LinkedBlockingQueue<>();
    private final byte[] in = new byte[2 * READ];
    private final byte[] lines = new byte[2 * READ];

    /** Bytes of {@link #lines} after the last read. */
    private int written;

    private BareMinimum(Path spool, Path bucket) {
        this.spool = spool;
        this.bucket = bucket;
    }

    /** Arguments: address, spool directory, bucket directory. */
    public static void main(String[] arguments) throws Exception {
        BareMinimum bare = new BareMinimum(Path.of(arguments[1]), Path.of(arguments[2]));
        Thread packer = new Thread(bare::packAll, "packer");
        packer.setDaemon(true);
        packer.start();
        try (Socket socket = connect(URI.create(arguments[0]))) {
            bare.record(socket.getInputStream());
        }
    }

    private static Socket connect(URI address) throws IOException {
        Socket socket = address.getScheme().equals("wss")
                ? SSLSocketFactory.getDefault().createSocket(address.getHost(), address.getPort())
                : new Socket(address.getHost(), address.getPort());
        socket.setSoTimeout(500);
        String request = "GET /stream?streams=btcusdt@trade HTTP/1.1\r\nHost: " + address.getAuthority()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        for (int last4 = 0; last4 != 0x0D0A0D0A; ) {
            last4 = last4 << 8 | in.read();
        }
        return socket;
    }

    private void record(InputStream socket) throws IOException {
        int have = 0;
        for (int part = 0; ; part++) {
            while (written == 0) {
                have = copyLines(have + read(socket, have));
            }
            Path file = spool.resolve("part-" + part + ".jsonl");
            long dueNanos = System.nanoTime() + PART_NANOS;
            try (FileOutputStream out = new FileOutputStream(file.toFile())) {
                long bytes = 0;
                do {
                    out.write(lines, 0, written);
                    bytes += written;
                    have = copyLines(have + read(socket, have));
                } while (bytes < PART_BYTES && dueNanos - System.nanoTime() > 0);
                // Of the read that made the part old or large enough.
                out.write(lines, 0, written);
                written = 0;
            }
            sealed.add(file);
        }
    }

    private int read(InputStream socket, int have) throws IOException {
        try {
            int read = socket.read(in, have, READ);
            if (read < 0) {
                throw new IOException("the connection was closed");
            }
            return read;
        } catch (SocketTimeoutException e) {
            return 0;
        }
    }

    /** Copies the events of the whole frames to {@link #lines} with the time of the read; returns the bytes that are left. */
    private int copyLines(int have) {
        if (have == 0) {
            written = 0;
            return 0;
        }
        byte[] received = (",\"recv_us\":" + Time.SYSTEM.epochMicros() + "}\n").getBytes(StandardCharsets.US_ASCII);
        int at = 0;
        int to = 0;
        while (have - at >= 4) {
            int length = (in[at + 2] & 0xFF) << 8 | in[at + 3] & 0xFF;
            if (have - at < 4 + length) {
                break;
            }
            int event = length - WRAPPER - 2;
            System.arraycopy(in, at + 4 + WRAPPER, lines, to, event);
            System.arraycopy(received, 0, lines, to + event, received.length);
            to += event + received.length;
            at += 4 + length;
        }
        written = to;
        System.arraycopy(in, at, in, 0, have - at);
        return have - at;
    }

    private void packAll() {
        try {
            while (true) {
                pack(sealed.take());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void pack(Path file) throws IOException, NoSuchAlgorithmException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream(PART_BYTES / 4);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream raw = Files.newInputStream(file);
                OutputStream gzip = new Gzip6(new DigestOutputStream(packed, digest))) {
            byte[] buffer = new byte[READ];
            for (int n = raw.read(buffer); n > 0; n = raw.read(buffer)) {
                gzip.write(buffer, 0, n);
            }
        }
        Path object = bucket.resolve(file.getFileName() + ".gz");
        Path unfinished = bucket.resolve(file.getFileName() + ".tmp");
        Files.write(unfinished, packed.toByteArray());
        Files.move(unfinished, object, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(file);
    }

    /** Level 6, as the collector's default. */
    private static final class Gzip6 extends GZIPOutputStream {
        Gzip6(OutputStream out) throws IOException {
            super(out, READ);
            def.setLevel(Deflater.DEFAULT_COMPRESSION);
        }
    }
}
