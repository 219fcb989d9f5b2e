package io.marketdata.collector.repository;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Writes the files that the Debian and the RPM package install, all except the jar, below one directory. The build runs it
 * under the profile {@code packages}, in the directory of the repository and after {@code CommandFiles}.
 */
public final class PackageFiles {

    private static final Path SYSTEMD = Path.of("systemd");
    private static final String NAME = "market-collector";

    /** Where {@code systemd/README.md} and Terraform put the jar; a package must not. */
    private static final String BY_HAND = " -jar /opt/market-collector/collector.jar";

    /** With the name of the command that its messages advise. */
    private static final String INSTALLED =
            " -Dcollector.command=market-collector -jar /usr/share/market-collector/collector.jar";

    /** The bucket of the example, which belongs to others: without one a start ends with what to set. */
    private static final String BUCKET = "\nRAW_BUCKET=";

    private final Path root;

    private PackageFiles(Path root) {
        this.root = root;
    }

    /** @param arguments the directory to write, which is below that of {@code CommandFiles} */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]);
        write(root, root.resolveSibling("completion"), root.resolveSibling("man/man1"));
    }

    static void write(Path root, Path completion, Path man) throws IOException {
        PackageFiles files = new PackageFiles(root);
        files.units();
        files.copy(SYSTEMD.resolve("market-collector.sysusers"), "usr/lib/sysusers.d/market-collector.conf");
        files.copy(SYSTEMD.resolve("market-collector.sh"), "usr/bin/market-collector");
        files.copy(SYSTEMD.resolve("jvm.options"), "etc/market-collector/jvm.options");
        String settings = Files.readString(SYSTEMD.resolve("collector.env.example"));
        files.text(replaced(settings, BUCKET, "\n#RAW_BUCKET="), "etc/market-collector/collector.env");
        files.copy(completion.resolve(NAME + ".bash"), "usr/share/bash-completion/completions/" + NAME);
        files.copy(completion.resolve(NAME + ".fish"), "usr/share/fish/vendor_completions.d/" + NAME + ".fish");
        try (Stream<Path> pages = Files.list(man)) {
            pages.forEach(page -> files.page(page));
        }
        files.copy(Path.of("CHANGELOG.md"), "usr/share/doc/market-collector/changelog");
        files.text(
                Files.readString(Path.of("infra/packages/copyright")) + Files.readString(Path.of("LICENSE")),
                "usr/share/doc/market-collector/copyright");
    }

    private void units() throws IOException {
        String folder = "usr/lib/systemd/system/";
        for (String unit : new String[] {"market-collector", "market-collector@", "market-collector-audit"}) {
            String text = Files.readString(SYSTEMD.resolve(unit + ".service"));
            text(replaced(text, BY_HAND, INSTALLED), folder + unit + ".service");
        }
        copy(SYSTEMD.resolve("market-collector-audit.timer"), folder + "market-collector-audit.timer");
    }

    private static String replaced(String text, String from, String to) {
        if (text.indexOf(from) < 0 || text.indexOf(from) != text.lastIndexOf(from)) {
            throw new IllegalStateException("not there exactly once: " + from.strip());
        }
        return text.replace(from, to);
    }

    private void page(Path page) {
        try {
            copy(page, "usr/share/man/man1/" + page.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void copy(Path from, String to) throws IOException {
        text(Files.readString(from), to);
    }

    private void text(String text, String to) throws IOException {
        Path file = root.resolve(to);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
