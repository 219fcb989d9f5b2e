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
 * Writes a support bundle: texts in one zip file, without trades and without secrets. Every secret of the settings and
 * everything that has the form of an AWS key is replaced. One thread.
 */
public final class SupportBundle {

    /** Produces one of the texts. */
    @FunctionalInterface
    public interface Source {
        String text() throws IOException, InterruptedException;
    }

    /** Characters kept of a text: its end, because the newest log lines come last. */
    static final int MOST_CHARS = 4 << 20;

    private static final String REMOVED = "[removed]";

    /** Access key ids of users and roles (AWS IAM identifiers, "Understanding unique ID prefixes"). */
    private static final Pattern AWS_KEY_ID = Pattern.compile("\\b(AKIA|ASIA)[A-Z0-9]{16}\\b");

    /** Request signatures stay valid for minutes; the S3 client's own log may hold them. */
    private static final Pattern SIGNATURE =
            Pattern.compile("(?i)(X-Amz-(?:Signature|Security-Token|Credential)=|Signature=)[^&\\s\"]+");

    private final List<String> secrets;
    private final Map<String, Source> sources = new LinkedHashMap<>();

    /** @param secrets texts that must not be in the file, whatever the sources contain */
    public SupportBundle(List<String> secrets) {
        // Longest first: a secret that is part of another one must not leave the rest of that one behind.
        this.secrets = secrets.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** Adds a text; a source that fails is replaced by its error. */
    public SupportBundle with(String name, Source source) {
        sources.put(name, source);
        return this;
    }

    /**
     * Writes the file, readable by its owner only.
     *
     * @throws FileAlreadyExistsException if the file exists; nothing is overwritten
     */
    public void write(Path file) throws IOException, InterruptedException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?> owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Files.createFile(file, posix ? new FileAttribute<?>[] {owner} : new FileAttribute<?>[0]);
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
            return "Not available: " + e + "\n";
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
