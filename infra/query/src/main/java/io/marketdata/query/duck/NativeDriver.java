package io.marketdata.query.duck;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Driver;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Loads DuckDB's driver with its native library from a directory of ours.
 *
 * <p>By itself the driver unpacks the library into {@code java.io.tmpdir} at every start, which fails where that is mounted
 * noexec and leaves 72 MB behind after a kill. It asks {@code java.library.path} only if its jar has no library (DuckDBNative
 * of duckdb_jdbc 2.0.0.1, read 2026-11), and the JVM reads that path before this program runs. So its classes get a class
 * loader that hides the library in the jar and knows the unpacked one.
 */
public final class NativeDriver {

    private static final String RESOURCE = "libduckdb_java.so_";

    /** The JVM loads a native library into one class loader only. */
    private static @Nullable Driver loaded;

    private NativeDriver() {}

    /**
     * Loads the driver once, and unpacks its library if that is not done yet.
     *
     * @param directory for unpacked libraries; they stay there for the next start
     * @param work where half-unpacked files may be left by a kill; on the same file system
     * @throws IOException if the library cannot be unpacked or loaded; the message says what to do
     */
    public static synchronized Driver load(Path directory, Path work) throws IOException {
        if (loaded == null) {
            loaded = loadOnce(directory, work);
        }
        return loaded;
    }

    private static Driver loadOnce(Path directory, Path work) throws IOException {
        String name = RESOURCE + platform();
        URL library =
                resource(name, "this jar has no DuckDB for " + platform() + "; build it with mvn -Pall-platforms");
        Path unpacked = unpack(library, directory, work);
        URL driver = resource("org/duckdb/DuckDBDriver.class", "this jar has no DuckDB; build it again");
        try {
            ClassLoader loader = new DuckDbClasses(root(driver), unpacked);
            return (Driver) loader.loadClass("org.duckdb.DuckDBDriver")
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IOException(
                    "DuckDB cannot be loaded from " + unpacked + ": " + e
                            + "; it needs glibc 2.25 or newer and libstdc++.so.6, and a --work directory that is not mounted noexec",
                    e);
        }
    }

    /** As the driver names platforms. */
    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String name = os.startsWith("windows") ? "windows" : os.startsWith("mac") ? "macos" : "linux";
        return name + "_" + (arch.equals("x86_64") ? "amd64" : arch.equals("aarch64") ? "arm64" : arch);
    }

    private static URL resource(String name, String absence) throws IOException {
        @Nullable URL found = NativeDriver.class.getClassLoader().getResource(name);
        if (found == null) {
            throw new IOException(absence);
        }
        return found;
    }

    /** The jar or directory that a class file is in. */
    private static URL root(URL classFile) throws IOException {
        URLConnection connection = classFile.openConnection();
        if (connection instanceof JarURLConnection jar) {
            return jar.getJarFileURL();
        }
        throw new IOException("DuckDB is not in a jar but at " + classFile);
    }

    /** The name has the checksum of the content, so that versions live side by side; it appears complete or not at all. */
    private static Path unpack(URL library, Path directory, Path work) throws IOException {
        JarURLConnection jar = (JarURLConnection) library.openConnection();
        long bytes = jar.getJarEntry().getSize();
        String version = Long.toHexString(jar.getJarEntry().getCrc()) + "-" + bytes;
        Path unpacked = directory.resolve(version).resolve(System.mapLibraryName("duckdb_java"));
        if (Files.isRegularFile(unpacked) && Files.size(unpacked) == bytes) {
            return unpacked;
        }
        Files.createDirectories(unpacked.resolveSibling("."));
        Path temporary = work.resolve("library");
        try (InputStream in = library.openStream()) {
            Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(temporary, unpacked, StandardCopyOption.ATOMIC_MOVE);
        return unpacked;
    }

    /** The driver's classes, which find the unpacked library and not the one in their jar. */
    private static final class DuckDbClasses extends URLClassLoader {

        private final Path library;

        DuckDbClasses(URL jar, Path library) {
            super(new URL[] {jar}, NativeDriver.class.getClassLoader());
            this.library = library;
        }

        @Override
        protected @Nullable String findLibrary(String name) {
            return name.equals("duckdb_java") ? library.toString() : null;
        }

        @Override
        public @Nullable URL getResource(String name) {
            return name.startsWith(RESOURCE) ? null : super.getResource(name);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("org.duckdb.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                @Nullable Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }
}
