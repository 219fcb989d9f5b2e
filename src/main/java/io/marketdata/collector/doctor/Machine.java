package io.marketdata.collector.doctor;

import io.marketdata.collector.spool.LockTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Properties of a machine. Any thread. */
public interface Machine {

    /** The machine that this process runs on. */
    Machine THIS = new OfProcess(Path.of("/proc/self/limits"));

    /** Feature number of the running Java, for example 17. */
    int javaFeature();

    /** Files and sockets that this process may have open at a time; empty where the system does not report it. */
    OptionalLong openFileLimit();

    /** Type of the file system that holds a directory, for example {@code ext4}; the directory must exist. */
    String fileSystem(Path directory) throws IOException;

    /** The process that holds a lock, if the system reports it. */
    OptionalLong holder(Path lockFile);

    /**
     * The last 5,000 journal lines of this machine's collector units.
     *
     * @throws IOException if there is no journal, or it may not be read
     */
    String journal() throws IOException, InterruptedException;

    /** Linux; elsewhere as much as there is. */
    record OfProcess(Path limits) implements Machine {

        /** {@code Max open files            1024                 524288               files} (proc_pid_limits(5)). */
        private static final Pattern OPEN_FILES = Pattern.compile("Max open files +(\\d{1,18}|unlimited) .*");

        @Override
        public int javaFeature() {
            return Runtime.version().feature();
        }

        @Override
        public OptionalLong openFileLimit() {
            try {
                for (String line : Files.readAllLines(limits)) {
                    Matcher found = OPEN_FILES.matcher(line);
                    if (found.matches()) {
                        return OptionalLong.of(
                                found.group(1).equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(found.group(1)));
                    }
                }
            } catch (IOException e) {
                // not Linux
            }
            return OptionalLong.empty();
        }

        @Override
        public String fileSystem(Path directory) throws IOException {
            return Files.getFileStore(directory).type();
        }

        @Override
        public String journal() throws IOException, InterruptedException {
            Process journal = new ProcessBuilder(
                            "journalctl", "-u", "market-collector*", "-n", "5000", "-o", "short-iso", "--no-pager")
                    .redirectErrorStream(true)
                    .start();
            journal.getOutputStream().close();
            try (InputStream text = journal.getInputStream()) {
                return new String(text.readAllBytes(), StandardCharsets.UTF_8);
            } finally {
                journal.destroyForcibly().waitFor();
            }
        }

        @Override
        public OptionalLong holder(Path lockFile) {
            return LockTable.ofThisMachine().holder(lockFile);
        }
    }
}
