package io.marketdata.collector.doctor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * One file with everything that whoever helps would ask for, and no secret: texts in a zip, in which every secret of the
 * settings, and whatever looks like an AWS key, is replaced. No trades. One thread.
 */
public final class SupportBundle {

    /** Makes one of the texts. */
    @FunctionalInterface
    public interface Source {
        String text() throws IOException, InterruptedException;
    }

    /** Of a longer text only the end is kept; logs tell the newest last. */
    static final int MOST_CHARS = 4 << 20;

    private static final String REMOVED = "[removed]";

    /** Access key ids of users and roles (AWS IAM identifiers, "Understanding unique ID prefixes"). */
    private static final Pattern AWS_KEY_ID = Pattern.compile("\\b(AKIA|ASIA)[A-Z0-9]{16}\\b");

    /** What signs a request stays valid for minutes; a log of the client's own may show it. */
    private static final Pattern SIGNATURE =
            Pattern.compile("(?i)(X-Amz-(?:Signature|Security-Token|Credential)=|Signature=)[^&\\s\"]+");

    private final List<String> secrets;
    private final Map<String, Source> sources = new LinkedHashMap<>();

    /** @param secrets texts that must not be in the file, whatever the sources tell */
    public SupportBundle(List<String> secrets) {
        // A secret that is part of another one must not leave the rest of that one behind.
        this.secrets = secrets.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** Adds a text; one that cannot be made says why. */
    public SupportBundle with(String name, Source source) {
        sources.put(name, source);
        return this;
    }

    /**
     * Writes the file, readable by its owner only.
     *
     * @throws FileAlreadyExistsException if it is there; nothing is written over
     */
    public void write(Path file) throws IOException, InterruptedException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] owner = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.createFile(file, owner);
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE);
                ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, Source> source : sources.entrySet()) {
                zip.putNextEntry(new ZipEntry(source.getKey()));
                zip.write(withoutSecrets(text(source.getValue())).getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
    }

    private static String text(Source source) throws InterruptedException {
        try {
            String text = source.text();
            return text.length() <= MOST_CHARS ? text : text.substring(text.length() - MOST_CHARS);
        } catch (IOException e) {
            return "Cannot be told: " + e + "\n";
        }
    }

    private String withoutSecrets(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, REMOVED);
        }
        clean = SIGNATURE.matcher(clean).replaceAll("$1" + REMOVED);
        return AWS_KEY_ID.matcher(clean).replaceAll(REMOVED);
    }
}
