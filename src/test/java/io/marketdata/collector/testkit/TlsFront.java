package io.marketdata.collector.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Adds TLS to a server of this machine. */
public final class TlsFront implements AutoCloseable {

    private final ServerSocket listener;
    private final int port;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /**
     * @param keyStore the certificate to show, of {@link TlsKeys}
     * @param port of the server without TLS
     */
    public TlsFront(Path keyStore, int port) throws Exception {
        this.port = port;
        listener = TlsKeys.serverSockets(keyStore).createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::acceptAll);
    }

    public int port() {
        return listener.getLocalPort();
    }

    private void acceptAll() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            threads.execute(() -> copy(server, client));
            client.getInputStream().transferTo(server.getOutputStream());
        } catch (IOException e) {
            // one of the two ended
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.close();
        } catch (IOException e) {
            // one of the two ended
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
