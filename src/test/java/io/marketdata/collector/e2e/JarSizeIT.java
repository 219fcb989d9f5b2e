package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Each library of the jar is downloaded, scanned and updated by every user. */
class JarSizeIT {

    private static final long MAX_BYTES = 22_000_000;

    @Test
    void jarStaysSmall() throws Exception {
        assertThat(Files.size(Path.of(System.getProperty("collector.jar")))).isLessThan(MAX_BYTES);
    }
}
