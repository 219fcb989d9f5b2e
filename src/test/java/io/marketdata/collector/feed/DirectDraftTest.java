package io.marketdata.collector.feed;

import static io.marketdata.collector.testkit.HostileServer.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.ThreadProgress;
import io.marketdata.collector.testkit.ManualTime;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.Framedata;
import org.junit.jupiter.api.Test;

class DirectDraftTest {

    private static final int MAX_FRAME = 100_000;

    private final List<String> texts = new ArrayList<>();
    private final List<Long> cycles = new ArrayList<>();
    private final ManualTime time = new ManualTime();
    private final ThreadProgress threadProgress = new ThreadProgress("connection-1.1");
    private final DirectDraft draft = new DirectDraft(
            MAX_FRAME,
            (bytes, offset, length) -> {
                cycles.add(threadProgress.cycle());
                texts.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
            },
            (status, retryAfter, date) -> {},
            threadProgress,
            time);

    @Test
    void threadIsBusyWhileAReadIsHandledAndIdleAfterwards() {
        byte[] two = {(byte) 0x81, 1, 'a', (byte) 0x81, 1, 'b'};
        byte[] reserved = {(byte) 0x83, 0};

        assertThat(threadProgress.cycle()).isNegative();
        assertThatCode(() -> draft.translateFrame(ByteBuffer.wrap(two))).doesNotThrowAnyException();
        assertThat(threadProgress.cycle()).isNegative();
        assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(reserved)))
                .isInstanceOf(InvalidDataException.class);
        assertThat(threadProgress.cycle()).isNegative();
        assertThatCode(() -> draft.translateFrame(ByteBuffer.wrap(two))).doesNotThrowAnyException();

        assertThat(cycles).hasSize(4).allMatch(cycle -> cycle > 0);
        assertThat(cycles.get(0)).isEqualTo(cycles.get(1)).isLessThan(cycles.get(2));
    }

    @Test
    void textFramesArriveWholeHoweverTheBytesAreSplit() throws InvalidDataException {
        long seed = 3;
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            texts.clear();
            List<String> sent = new ArrayList<>();
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            for (int i = 0; i < 30; i++) {
                // at the boundaries of the three length encodings
                int[] lengths = {0, 1, 125, 126, 127, 168, 65_535, 65_536};
                String text = "x".repeat(lengths[random.nextInt(run % 10 == 0 ? 8 : 6)]);
                sent.add(text);
                wire.writeBytes(frame(0x81, text.getBytes(StandardCharsets.UTF_8)));
            }
            feed(wire.toByteArray(), random);

            assertThat(texts).as("seed %d, run %d", seed, run).isEqualTo(sent);
        }
    }

    @Test
    void controlBinaryAndFragmentedFramesGoToTheLibraryInOrder() throws InvalidDataException {
        long seed = 4;
        Random random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            texts.clear();
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.writeBytes(frame(0x81, bytes("one")));
            wire.writeBytes(frame(0x89, bytes("1700000000000")));
            wire.writeBytes(frame(0x81, bytes("two")));
            wire.writeBytes(frame(0x01, bytes("thr")));
            wire.writeBytes(frame(0x80, bytes("ee")));
            wire.writeBytes(frame(0x82, bytes("bin")));
            wire.writeBytes(frame(0x81, bytes("four")));
            List<Framedata> others = feed(wire.toByteArray(), random);

            assertThat(texts).containsExactly("one", "two", "four");
            assertThat(others)
                    .as("seed %d, run %d", seed, run)
                    .extracting(Framedata::getOpcode)
                    .containsExactly(Opcode.PING, Opcode.TEXT, Opcode.CONTINUOUS, Opcode.BINARY);
            assertThat(text(others.get(0))).isEqualTo("1700000000000");
        }
    }

    @Test
    void tooLongFrameIsRefusedBeforeMemoryIsAllocatedAndEarlierFramesArrive() {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.writeBytes(frame(0x81, bytes("before")));
        wire.writeBytes(new byte[] {(byte) 0x81, 127, 0, 0, 0, 0, 0x70, 0, 0, 0});

        assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(wire.toByteArray())))
                .isInstanceOf(LimitExceededException.class);
        assertThat(texts).containsExactly("before");
    }

    @Test
    void lengthBeyondLongIsRefused() {
        byte[] wire = {(byte) 0x81, 127, -1, -1, -1, -1, -1, -1, -1, -1};

        assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(wire)))
                .isInstanceOf(LimitExceededException.class);
    }

    @Test
    void randomBytesCauseAtMostAnInvalidDataException() {
        long seed = 6;
        Random random = new Random(seed);
        for (int run = 0; run < 20_000; run++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            DirectDraft fresh = new DirectDraft(
                    MAX_FRAME, (bytes, offset, length) -> {}, (status, retryAfter, date) -> {}, threadProgress, time);
            try {
                fresh.translateFrame(ByteBuffer.wrap(noise));
            } catch (InvalidDataException expected) {
                assertThat(expected.getCloseCode())
                        .as("seed %d, run %d", seed, run)
                        .isBetween(1002, 1009);
            }
        }
    }

    private List<Framedata> feed(byte[] wire, Random random) throws InvalidDataException {
        List<Framedata> others = new ArrayList<>();
        for (int from = 0; from < wire.length; ) {
            int count = Math.min(wire.length - from, 1 + random.nextInt(random.nextBoolean() ? 5 : 400));
            // the library reads into the same array every time
            byte[] buffer = new byte[500];
            System.arraycopy(wire, from, buffer, 0, count);
            others.addAll(draft.translateFrame(ByteBuffer.wrap(buffer, 0, count)));
            java.util.Arrays.fill(buffer, (byte) '#');
            from += count;
        }
        return others;
    }

    private static String text(Framedata frame) {
        ByteBuffer payload = frame.getPayloadData();
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
