package io.marketdata.collector.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** A free port, for a program that needs its port as a setting, or as an address at which nothing listens. */
public final class FreePort {

    private FreePort() {}

    /** A port of the loopback address that was free a moment ago. */
    public static int find() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
