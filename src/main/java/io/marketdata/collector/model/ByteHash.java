package io.marketdata.collector.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A 64-bit hash of bytes, eight at a time: to compare payloads without keeping them, not against an attacker. */
final class ByteHash {

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L; // 2^64 divided by the golden ratio, odd

    private ByteHash() {}

    /** The hash of {@code before} followed by these bytes. */
    static long add(long before, byte[] bytes, int from, int to) {
        long hash = add(before, to - from);
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            hash = add(hash, (long) WORDS.get(bytes, i));
        }
        long rest = 0;
        for (; i < to; i++) {
            rest = (rest << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return add(hash, rest);
    }

    /** The hash of {@code before} followed by this number. */
    static long add(long before, long value) {
        long hash = (before ^ value) * MULTIPLIER;
        return hash ^ (hash >>> 32);
    }
}
