package io.marketdata.collector.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A forward proxy by others, as a process; the test is skipped where it is not installed. */
public final class RealProxy implements AutoCloseable {

    /** What it demands, if it demands anything: Basic, with this user and {@link #PASSWORD}. */
    public static final String USER = "us.er";

    public static final String PASSWORD = "p-ass.1";

    private static final List<Path> FOLDERS =
            List.of(Path.of("/usr/bin"), Path.of("/usr/sbin"), Path.of("/usr/lib/squid"), Path.of("/usr/lib64/squid"));

    private final Process process;
    private final int port;

    private RealProxy(int port, List<String> command, Path log) throws IOException {
        this.port = port;
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** Squid, which opens the tunnels itself. */
    public static RealProxy squid(Path folder, String host, boolean demandsUser) throws Exception {
        String program = installed("squid");
        // A squid started by root reads these as another user.
        Path home = readable(Files.createDirectory(folder.resolve("squid")));
        readable(folder);
        List<String> lines = new ArrayList<>();
        if (demandsUser) {
            // openssl passwd -apr1
            Path users = write(home, "users", List.of(USER + ":$apr1$abcdefgh$t2U5pDMIQX5Y64nQ82rTe."));
            lines.add("auth_param basic program " + installed("basic_ncsa_auth") + " " + users);
            lines.add("acl known proxy_auth REQUIRED");
            lines.add("http_access allow known");
        } else {
            lines.add("http_access allow localhost");
        }
        Path hosts = write(home, "hosts", List.of("127.0.0.1 " + host));
        int port = FreePort.find();
        lines.addAll(List.of(
                "http_access deny all",
                "http_port 127.0.0.1:" + port,
                "hosts_file " + hosts,
                "visible_hostname localhost",
                "pid_filename none",
                "cache_log /dev/null",
                "access_log none",
                "cache deny all",
                "cache_mem 0",
                "memory_cache_shared off",
                "pinger_enable off",
                "max_filedescriptors 1024",
                "coredump_dir none"));
        Path settings = write(home, "squid.conf", lines);
        List<String> command = List.of(program, "-N", "-f", settings.toString());
        return new RealProxy(port, command, home.resolve("log")).started();
    }

    /** Tinyproxy, which judges the user and hands each tunnel to another proxy: it has no list of hosts of its own. */
    public static RealProxy tinyproxy(Path folder, ConnectProxy upstream, boolean demandsUser) throws Exception {
        String program = installed("tinyproxy");
        int port = FreePort.find();
        List<String> lines = new ArrayList<>(List.of(
                "Port " + port, "Listen 127.0.0.1", "Allow 127.0.0.1", "Upstream http 127.0.0.1:" + upstream.port()));
        if (demandsUser) {
            lines.add("BasicAuth " + USER + " " + PASSWORD);
        }
        Path settings = write(folder, "tinyproxy.conf", lines);
        List<String> command = List.of(program, "-d", "-c", settings.toString());
        return new RealProxy(port, command, folder.resolve("tinyproxy.log")).started();
    }

    private static String installed(String program) {
        Path found = FOLDERS.stream()
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(found != null, program + " is not on this machine");
        return String.valueOf(found);
    }

    private static Path write(Path folder, String name, List<String> lines) throws IOException {
        return Files.write(folder.resolve(name), lines);
    }

    private static Path readable(Path folder) throws IOException {
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private RealProxy started() throws Exception {
        Await.until("the proxy listens", () -> {
            if (!process.isAlive()) {
                throw new IOException("the proxy ended with " + process.exitValue());
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
        return this;
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
