package io.marketdata.collector.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides whether a file with settings may be read: a user who can write it decides where trades go and which server gets
 * our credentials, and the working directory may be one that every user can write to. A symlink is judged by its target.
 *
 * @param everywhere whether every file is believed: in a container each came with the image or a mount that its operator
 *     chose, and a mounted file often has the owner of another machine
 */
record FileTrust(boolean everywhere) {

    private static final List<Path> CONTAINER_FILES = List.of(Path.of("/.dockerenv"), Path.of("/run/.containerenv"));
    private static final List<String> CONTAINER_VARIABLES =
            List.of("KUBERNETES_SERVICE_HOST", "ECS_CONTAINER_METADATA_URI_V4");
    private static final int ROOT = 0;

    static FileTrust of(Map<String, String> environment) {
        return new FileTrust(CONTAINER_FILES.stream().anyMatch(Files::exists)
                || CONTAINER_VARIABLES.stream().anyMatch(environment::containsKey));
    }

    /** @throws IOException whose message says who could have written the file, and the remedy, without the file's name */
    void require(Path file) throws IOException {
        if (everywhere) {
            return;
        }
        PosixFileAttributes attributes;
        int owner;
        try {
            attributes = Files.readAttributes(file, PosixFileAttributes.class);
            owner = (Integer) Files.getAttribute(file, "unix:uid");
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return; // a file system without owners
        }
        String name = attributes.owner().getName();
        if (owner != ROOT && !name.equals(System.getProperty("user.name")) && owner != user()) {
            throw new IOException(
                    "is owned by user " + name + ", who could set anything in it. If you trust its content:"
                            + " sudo chown " + System.getProperty("user.name") + " " + file
                            + "; otherwise delete it, or start in"
                            + " another directory");
        }
        Set<PosixFilePermission> permissions = attributes.permissions();
        // Many systems give each user a group of the same name and let it write.
        boolean groupWrites = permissions.contains(PosixFilePermission.GROUP_WRITE)
                && !attributes.group().getName().equals(name);
        if (groupWrites || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "may be written by other users, who could set anything in it. If you trust its content:"
                            + " chmod go-w " + file);
        }
    }

    /** Whether every user of this machine may read the file. */
    boolean isPublic(Path file) {
        try {
            return !everywhere && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** The user of this process; -1 if unknown. */
    private static int user() {
        try {
            return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return -1;
        }
    }
}
