package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.ModelDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolMarkerTest {

    private static final Path DIR = Path.of("/spool");
    private static final Path FILE = DIR.resolve(".spool");
    private static final SpoolMarker MARKER = new SpoolMarker("main network", "s3://my-bucket at minio");

    private final MemoryDisk disk = new MemoryDisk();

    @Test
    void markerIsTextThatIsReadBack() throws IOException {
        assertThat(SpoolMarker.read(disk, DIR)).isEmpty();
        MARKER.write(disk, DIR);
        assertThat(new String(disk.get(FILE), StandardCharsets.UTF_8))
                .contains("\nversion=1\nexchange=main network\nbucket=s3://my-bucket at minio\n");
        assertThat(SpoolMarker.read(disk, DIR)).contains(MARKER);
        new SpoolMarker("simulator", "file:/a=b").write(disk, DIR);
        assertThat(SpoolMarker.read(disk, DIR)).contains(new SpoolMarker("simulator", "file:/a=b"));
    }

    @Test
    void unknownLinesAreSkipped() throws IOException {
        put("# by hand\n\nversion = 1\nowner=team a\nexchange= main network\nnonsense\nbucket=s3://b\n");
        assertThat(SpoolMarker.read(disk, DIR)).contains(new SpoolMarker("main network", "s3://b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "version=1\nexchange=main network\n",
                "version=1\nexchange=main network\nbucket=s3://my-b",
                "version=2\nexchange=main network\nbucket=s3://b\n",
                "version=1\nexchange= \nbucket=s3://b\n",
            })
    void damagedMarkerIsRefusedWithTheRemedy(String text) {
        put(text);
        assertThatThrownBy(() -> SpoolMarker.read(disk, DIR))
                .isInstanceOf(SpoolRefusedException.class)
                .hasMessageContainingAll("/spool/.spool", "delete this file", "another LOCAL_DIR");
    }

    @Test
    void hugeMarkerIsRefused() {
        put("version=1\nexchange=main network\nbucket=s3://b\n" + "#\n".repeat(1 << 20));
        assertThatThrownBy(() -> SpoolMarker.read(disk, DIR)).isInstanceOf(SpoolRefusedException.class);
    }

    @Test
    void lineBreakInADirectoryNameEndsNoLine() throws IOException {
        SpoolMarker odd = new SpoolMarker("simulator", "file:/a\nbucket=s3://b");
        odd.write(disk, DIR);
        assertThat(SpoolMarker.read(disk, DIR)).contains(odd);
    }

    @Test
    void everyCrashLeavesTheEarlierMarkerOrTheNewOne() throws IOException {
        SpoolMarker before = new SpoolMarker("simulator", "file:/old");
        ModelDisk model = new ModelDisk();
        model.plant(DIR.resolve("other"), new byte[0]);
        before.write(model, DIR);
        List<Optional<SpoolMarker>> found = new ArrayList<>();
        model.beforeEveryChange(() -> {
            for (ModelDisk.Loss loss : ModelDisk.Loss.values()) {
                for (ModelDisk survivor : model.survivors(loss)) {
                    try {
                        found.add(SpoolMarker.read(survivor, DIR));
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }
            }
        });
        MARKER.write(model, DIR);
        assertThat(found)
                .isNotEmpty()
                .allMatch(each -> each.equals(Optional.of(before)) || each.equals(Optional.of(MARKER)));
        assertThat(SpoolMarker.read(model, DIR)).contains(MARKER);
    }

    private void put(String text) {
        disk.put(FILE, text.getBytes(StandardCharsets.UTF_8));
    }
}
