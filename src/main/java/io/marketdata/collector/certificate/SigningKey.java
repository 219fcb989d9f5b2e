package io.marketdata.collector.certificate;

import io.marketdata.collector.model.LogText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/**
 * An Ed25519 key that signs certificates: a file with the private key (PKCS#8 in PEM, as {@code openssl genpkey} writes it)
 * and beside it {@code .pub} with the public one (X.509 in PEM). Uses the providers of the JDK alone.
 */
public final class SigningKey {

    private static final String PRIVATE = "PRIVATE KEY";
    private static final String PUBLIC = "PUBLIC KEY";
    private static final int MAX_BYTES = 4_096;

    private final PrivateKey key;
    private final String publicKey;

    private SigningKey(PrivateKey key, String publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /** The file of the public key that belongs to a private one. */
    public static Path publicFile(Path file) {
        return file.resolveSibling(file.getFileName() + ".pub");
    }

    /**
     * Makes a new key, and writes both files; the private one is readable by its owner only.
     *
     * @return the public key, 64 hexadecimal digits
     * @throws FileAlreadyExistsException if one of the files exists; nothing is overwritten
     */
    public static String generate(Path file) throws IOException {
        Path publicFile = publicFile(file);
        if (Files.exists(publicFile)) {
            throw new FileAlreadyExistsException(publicFile.toString());
        }
        KeyPair pair;
        try {
            pair = KeyPairGenerator.getInstance(Ed25519Signature.ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw noProvider(e);
        }
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?> owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.createFile(file, posix ? new FileAttribute<?>[] {owner} : new FileAttribute<?>[0]);
        Files.writeString(file, pem(PRIVATE, pair.getPrivate()));
        NewFile.write(publicFile, out -> out.write(pem(PUBLIC, pair.getPublic()).getBytes(StandardCharsets.US_ASCII)));
        return readPublic(publicFile);
    }

    private static IOException noProvider(GeneralSecurityException e) {
        return new IOException(
                "this Java has no Ed25519 (" + e.getMessage() + "); use one with module jdk.crypto.ec", e);
    }

    private static String pem(String label, Key key) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    /**
     * Reads both files of a key.
     *
     * @throws IOException with a message for the operator if one cannot be read, all users may read the private one, or they
     *     do not belong together
     */
    public static SigningKey read(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        if (posix && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
            throw new IOException("every user of this machine may read " + file + ": chmod 600 " + file
                    + ", and make another key if one might have");
        }
        SigningKey key;
        try {
            PKCS8EncodedKeySpec encoded = new PKCS8EncodedKeySpec(encoded(file, PRIVATE));
            PrivateKey secret =
                    KeyFactory.getInstance(Ed25519Signature.ALGORITHM).generatePrivate(encoded);
            key = new SigningKey(secret, readPublic(publicFile(file)));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " is not a private key of Ed25519 in PKCS#8: " + e.getMessage(), e);
        }
        byte[] trial = {1};
        if (!key.sign(trial).isOf(trial)) {
            throw new IOException(publicFile(file) + " is not the public key of " + file);
        }
        return key;
    }

    /**
     * Reads a public key in PEM.
     *
     * @return 64 hexadecimal digits
     */
    public static String readPublic(Path file) throws IOException {
        String hex = HexFormat.of().formatHex(encoded(file, PUBLIC));
        if (hex.length() != Ed25519Signature.X509_PREFIX.length() + 64
                || !hex.startsWith(Ed25519Signature.X509_PREFIX)) {
            throw new IOException(file + " is not a public key of Ed25519");
        }
        return hex.substring(Ed25519Signature.X509_PREFIX.length());
    }

    private static byte[] encoded(Path file, String label) throws IOException {
        String text;
        try (var in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1).strip();
        }
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        if (!text.startsWith(begin) || !text.endsWith(end)) {
            throw new IOException(LogText.of(file.toString()) + " is not a PEM file that begins with " + begin);
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(begin.length(), text.length() - end.length()));
        } catch (IllegalArgumentException e) {
            throw new IOException(LogText.of(file.toString()) + " is not a PEM file: " + e.getMessage(), e);
        }
    }

    Ed25519Signature sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(Ed25519Signature.ALGORITHM);
            signature.initSign(key);
            signature.update(message);
            String value = HexFormat.of().formatHex(signature.sign());
            return new Ed25519Signature(Ed25519Signature.ALGORITHM, publicKey, value);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key that was read does not sign", e);
        }
    }
}
