package io.marketdata.collector.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;

/** Keys and self-signed certificates, made by the JDK's keytool. */
public final class TlsKeys {

    static final String PASSWORD = "changeit";

    private TlsKeys() {}

    /** A certificate for 127.0.0.1 and localhost, valid today. */
    public static Path valid(Path folder) throws IOException, InterruptedException {
        return pair(folder.resolve("valid.p12"), "SAN=dns:localhost,ip:127.0.0.1");
    }

    /** A certificate for another host. */
    public static Path ofAnotherHost(Path folder) throws IOException, InterruptedException {
        return pair(folder.resolve("other.p12"), "SAN=dns:stream.example.com");
    }

    /** An authority, which signs what {@link #expired} makes. */
    public static Path authority(Path folder) throws IOException, InterruptedException {
        return pair(folder.resolve("authority.p12"), "bc:c");
    }

    /** A certificate for 127.0.0.1 and localhost that was valid for a day. */
    public static Path expired(Path folder, Path authority) throws IOException, InterruptedException {
        Path keys = pair(folder.resolve("expired.p12"), "SAN=dns:localhost,ip:127.0.0.1");
        String request = folder.resolve("request").toString();
        String certificate = folder.resolve("certificate").toString();
        String anchor = folder.resolve("anchor").toString();
        keytool(keys, "-certreq", "-alias", "server", "-file", request);
        keytool(
                authority,
                "-gencert",
                "-alias",
                "server",
                "-infile",
                request,
                "-outfile",
                certificate,
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-startdate",
                "-10d",
                "-validity",
                "1");
        keytool(authority, "-exportcert", "-alias", "server", "-file", anchor);
        keytool(keys, "-importcert", "-noprompt", "-alias", "authority", "-file", anchor);
        keytool(keys, "-importcert", "-noprompt", "-alias", "server", "-file", certificate);
        return keys;
    }

    private static Path pair(Path file, String extension) throws IOException, InterruptedException {
        String name = "CN=" + file.getFileName();
        keytool(file, "-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", name, "-ext", extension);
        return file;
    }

    private static void keytool(Path keyStore, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", keyStore.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException("keytool failed: " + output);
        }
    }

    /** JVM options that make a process trust that certificate, and no other. */
    public static List<String> trusting(Path keyStore) {
        return List.of("-Djavax.net.ssl.trustStore=" + keyStore, "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
    }

    /** Sockets of a server that shows that certificate. */
    public static SSLServerSocketFactory serverSockets(Path keyStore) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context.getServerSocketFactory();
    }
}
