package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.testkit.LogLines;
import io.marketdata.collector.testkit.SpoolFiles;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolDirectoryTest {

    private static final String SYMBOL = "exchange=binance/stream=trade/symbol=BTCUSDT";

    @TempDir
    private Path home;

    private final LocalDisk disk = new LocalDisk();

    @Test
    void newDirectoryIsOursAlone() throws IOException {
        Path localDir = home.resolve("a/spool");
        SpoolDirectory.require(localDir);
        assertThat(home.resolve("a")).doesNotExist();
        disk.createDirectories(localDir);
        assertThat(permissions(localDir)).isEqualTo("rwx------");
        assertThat(permissions(home.resolve("a"))).isEqualTo("rwx------");
        try (Spool spool = Spool.open(disk, localDir, Trades.BTCUSDT)) {
            assertThat(permissions(spool.directory())).isEqualTo("rwx------");
            assertThat(permissions(spool.directory().resolve(".lock"))).isEqualTo("rw-------");
            spool.writeManifest(PartName.parse("part-a-1").orElseThrow(), new byte[1]);
            assertThat(permissions(spool.directory().resolve("manifest-a-1.json")))
                    .isEqualTo("rw-------");
        }
        SpoolDirectory.require(localDir);
    }

    /** A spool of version 0.1.0: made with the umask of the shell. */
    @Test
    void directoriesThatOthersMayReadAreAccepted() throws IOException {
        Path symbol = SpoolFiles.folder(home, Trades.BTCUSDT);
        for (Path each = symbol; !each.equals(home); each = each.getParent()) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        SpoolDirectory.require(home);
        assertThat(permissions(symbol)).isEqualTo("rwxr-xr-x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "exchange=binance",
                SYMBOL,
                SYMBOL + "/quarantine",
                "unparsed",
                "backfill",
                "backfill/" + SYMBOL
            })
    void symlinkIsRefused(String name) throws IOException {
        Path target = Files.createDirectories(home.resolve("elsewhere"));
        Path localDir = home.resolve("spool");
        Path link = localDir.resolve(name);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(name.isEmpty() ? localDir : link, target);

        assertThatThrownBy(() -> SpoolDirectory.require(localDir))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll(link.toString(), "symlink", target.toString());
    }

    @Test
    void danglingLinkIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(home.resolve("spool"), home.resolve("nothing"));
        assertThatThrownBy(() -> SpoolDirectory.require(link)).isInstanceOf(SpoolRefusedException.class);
        assertThat(home.resolve("nothing")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", SYMBOL, "backfill"})
    void directoryThatEveryUserMayWriteIsRefused(String name) throws IOException {
        Path open = Files.createDirectories(home.resolve("spool").resolve(name));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> SpoolDirectory.require(home.resolve("spool")))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContaining("chmod 700 " + open);
    }

    /** umask 002, the default of several distributions. */
    @Test
    void writePermissionOfTheGroupIsTakenAway() throws IOException {
        Path symbol = SpoolFiles.folder(home, Trades.BTCUSDT);
        Files.setPosixFilePermissions(symbol, PosixFilePermissions.fromString("rwxrwxr-x"));
        try (LogLines log = new LogLines(SpoolDirectory.class)) {
            SpoolDirectory.require(home);
            assertThat(log.all()).singleElement().asString().startsWith("WARN").contains(symbol.toString());
        }
        assertThat(permissions(symbol)).isEqualTo("rwxr-xr-x");
    }

    @Test
    void directoryThatItsOwnerCannotReadIsMadeReadable() throws IOException {
        Path symbol = SpoolFiles.folder(home, Trades.BTCUSDT);
        Files.setPosixFilePermissions(symbol, PosixFilePermissions.fromString("---------"));
        SpoolDirectory.require(home);
        assertThat(permissions(symbol)).isEqualTo("rwx------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "exchange=binance", SYMBOL, "unparsed"})
    void directoryOfAnotherUserIsRefused(String name) throws IOException {
        Path localDir = home.resolve("spool");
        Path planted = Files.createDirectories(localDir.resolve(name));
        assumeTrue(chown(planted, 65_534), "only root can give a directory to another user");

        assertThatThrownBy(() -> SpoolDirectory.require(localDir))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll(planted.toString(), "owned by user", "sudo chown -R");
    }

    /** The root of a mounted disk has a directory that only root can read. */
    @Test
    void otherNamesAreNotJudged() throws IOException {
        Path other = Files.createDirectories(home.resolve("lost+found"));
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwxrwxrwx"));
        chown(other, 65_534);
        Files.createSymbolicLink(home.resolve("link"), other);
        SpoolDirectory.require(home);
        Path below = Files.createDirectories(other.resolve("spool"));
        SpoolDirectory.require(below);
    }

    @Test
    void memoryAndTmpDoNotSurviveAReboot() {
        assertThat(SpoolDirectory.temporary(Path.of("/srv/spool"), "tmpfs"))
                .get()
                .asString()
                .contains("memory");
        assertThat(SpoolDirectory.temporary(Path.of("/tmp/market-data"), "ext4"))
                .get()
                .asString()
                .contains("/tmp");
        assertThat(SpoolDirectory.temporary(Path.of("/srv/spool"), "ext4")).isEmpty();
    }

    private static boolean chown(Path path, int user) {
        try {
            Files.setAttribute(path, "unix:uid", user);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
