package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Await;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class BoundedOutputTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Reader reader = new Reader();
    private final BoundedOutput output = new BoundedOutput("out", reader, 40, lines -> bytes("dropped " + lines));

    @Test
    void linesKeepTheirOrder() {
        for (int i = 0; i < 1_000; i++) {
            output.offer(bytes("line " + i));
            assertThat(output.flush(LONG)).isTrue();
        }

        assertThat(reader.read).hasSize(1_000).startsWith("line 0", "line 1").endsWith("line 999");
        assertThat(output.dropped()).isZero();
    }

    @Test
    void aReaderThatDoesNotReadCostsLinesAndIsReportedWhereTheyAreMissing() throws Exception {
        reader.pause();
        output.offer(bytes("being written"));
        Await.until("the writer waits for the reader", () -> reader.waiting);
        for (int i = 0; i < 10; i++) {
            output.offer(bytes("0123456789"));
        }
        assertThat(output.dropped()).isEqualTo(6);

        reader.resume();
        assertThat(output.flush(LONG)).isTrue();
        output.offer(bytes("after"));
        assertThat(output.flush(LONG)).isTrue();

        assertThat(reader.read)
                .containsExactly(
                        "being written", "0123456789", "0123456789", "0123456789", "0123456789", "dropped 6", "after");
    }

    @Test
    void aFlushEndsInTimeAndASecondOneDoesNotWaitAgain() throws Exception {
        reader.pause();
        output.offer(bytes("never read"));
        assertThat(output.flush(Duration.ofMillis(50))).isFalse();

        long began = System.nanoTime();
        assertThat(output.flush(LONG)).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        reader.resume();
        Await.until("the line is written", () -> reader.read.equals(List.of("never read")));
    }

    @Test
    void linesThatCannotBeWrittenAreCountedAndReportedAfterwards() {
        reader.failing = true;
        for (String line : List.of("one", "two", "three")) {
            output.offer(bytes(line));
            assertThat(output.flush(LONG)).isTrue(); // the next line brings a notice, which fails as well
        }
        assertThat(output.dropped()).isEqualTo(3);

        reader.failing = false;
        output.offer(bytes("four"));
        assertThat(output.flush(LONG)).isTrue();
        assertThat(reader.read).containsExactly("dropped 3", "four");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final class Reader extends OutputStream {

        private final List<String> read = new CopyOnWriteArrayList<>();
        private volatile CountDownLatch reading = new CountDownLatch(0);
        private volatile boolean waiting;
        private volatile boolean failing;

        void pause() {
            reading = new CountDownLatch(1);
        }

        void resume() {
            reading.countDown();
        }

        @Override
        public void write(int b) {
            throw new AssertionError("lines are written whole");
        }

        @Override
        public void write(byte[] line) throws IOException {
            if (failing) {
                throw new IOException("Broken pipe");
            }
            try {
                waiting = true;
                reading.await();
                waiting = false;
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            read.add(new String(line, StandardCharsets.UTF_8));
        }
    }
}
