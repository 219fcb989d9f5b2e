package io.marketdata.collector.feed;

import static io.marketdata.collector.testkit.HostileServer.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.marketdata.collector.model.ThreadProgress;
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
    private final List<Long> rounds = new ArrayList<>();
    private final ThreadProgress progress = new ThreadProgress("connection-1.1");
    private final DirectDraft draft = new DirectDraft(
            MAX_FRAME,
            (bytes, offset, length) -> {
                rounds.add(progress.cycle());
                texts.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
            },
            (status, retryAfter) -> {},
            progress);

    @Test
    void isBusyWhileWhatAReadBroughtIsHandledAndIdleAfterItWhateverItWas() {
        byte[] two = {(byte) 0x81, 1, 'a', (byte) 0x81, 1, 'b'};
        byte[] reserved = {(byte) 0x83, 0};

        assertThat(progress.cycle()).isNegative();
        assertThatCode(() -> draft.translateFrame(ByteBuffer.wrap(two))).doesNotThrowAnyException();
        assertThat(progress.cycle()).isNegative();
        assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(reserved)))
                .isInstanceOf(InvalidDataException.class);
        assertThat(progress.cycle()).isNegative();
        assertThatCode(() -> draft.translateFrame(ByteBuffer.wrap(two))).doesNotThrowAnyException();

        assertThat(rounds).hasSize(4).allMatch(round -> round > 0);
        assertThat(rounds.get(0)).isEqualTo(rounds.get(1)).isLessThan(rounds.get(2));
    }

    @Test
    void textFramesArriveWholeHoweverTheBytesAreCut() throws InvalidDataException {
        long seed = 3;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            texts.clear();
            List<String> sent = new ArrayList<>();
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            for (int i = 0; i < 30; i++) {
                // around the borders of the three length encodings
                int[] lengths = {0, 1, 125, 126, 127, 168, 65_535, 65_536};
                String text = "x".repeat(lengths[random.nextInt(round % 10 == 0 ? 8 : 6)]);
                sent.add(text);
                wire.writeBytes(frame(0x81, text.getBytes(StandardCharsets.UTF_8)));
            }
            feed(wire.toByteArray(), random);

            assertThat(texts).as("seed %d, round %d", seed, round).isEqualTo(sent);
        }
    }

    @Test
    void controlBinaryAndFragmentedFramesGoTheLibrarysWayBetweenTheTexts() throws InvalidDataException {
        long seed = 4;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
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
                    .as("seed %d, round %d", seed, round)
                    .extracting(Framedata::getOpcode)
                    .containsExactly(Opcode.PING, Opcode.TEXT, Opcode.CONTINUOUS, Opcode.BINARY);
            assertThat(text(others.get(0))).isEqualTo("1700000000000");
        }
    }

    @Test
    void aFrameAnnouncedTooLongIsRefusedBeforeMemoryIsTakenAndThoseBeforeItArrive() {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.writeBytes(frame(0x81, bytes("before")));
        wire.writeBytes(new byte[] {(byte) 0x81, 127, 0, 0, 0, 0, 0x70, 0, 0, 0});

        assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(wire.toByteArray())))
                .isInstanceOf(LimitExceededException.class);
        assertThat(texts).containsExactly("before");
    }

    @Test
    void aLengthBeyondLongIsRefused() {
        byte[] wire = {(byte) 0x81, 127, -1, -1, -1, -1, -1, -1, -1, -1};

        assertThatThrownBy(() -> draft.translateFrame(ByteBuffer.wrap(wire)))
                .isInstanceOf(LimitExceededException.class);
    }

    @Test
    void randomBytesNeverDoWorseThanAnInvalidDataException() {
        long seed = 6;
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            DirectDraft fresh =
                    new DirectDraft(MAX_FRAME, (bytes, offset, length) -> {}, (status, retryAfter) -> {}, progress);
            try {
                fresh.translateFrame(ByteBuffer.wrap(noise));
            } catch (InvalidDataException expected) {
                assertThat(expected.getCloseCode())
                        .as("seed %d, round %d", seed, round)
                        .isBetween(1002, 1009);
            }
        }
    }

    private List<Framedata> feed(byte[] wire, Random random) throws InvalidDataException {
        List<Framedata> others = new ArrayList<>();
        for (int from = 0; from < wire.length; ) {
            int count = Math.min(wire.length - from, 1 + random.nextInt(random.nextBoolean() ? 5 : 400));
            // the library reads into one array again and again
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
