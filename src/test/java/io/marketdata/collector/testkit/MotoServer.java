package io.marketdata.collector.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * moto, a third-party AWS emulator, where {@code moto_server} is on the path. One serves all tests of a JVM and ends
 * with it.
 */
public final class MotoServer {

    private static @Nullable URI uri;

    private MotoServer() {}

    /** Where it listens; skips the test where there is none to start. */
    public static synchronized URI orSkip() throws Exception {
        Assumptions.assumeTrue(Programs.onPath("moto_server"), "moto_server is not on this machine");
        if (uri == null) {
            int port = FreePort.find();
            Process process = new ProcessBuilder("moto_server", "-H", "127.0.0.1", "-p", Integer.toString(port))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            Await.until("moto_server listens", () -> listens(port));
            uri = URI.create("http://127.0.0.1:" + port);
        }
        return uri;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
