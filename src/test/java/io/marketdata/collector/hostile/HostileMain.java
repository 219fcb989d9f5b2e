package io.marketdata.collector.hostile;

import io.marketdata.collector.hostile.HostileBytes.Case;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** Feeds readers in a JVM of their own and prints what they did wrong. */
final class HostileMain {

    /** Bytes that a running collector holds besides. */
    private static final int BALLAST = 16 << 20;

    private static final long MOST_NANOS = 30_000_000_000L;

    private HostileMain() {}

    /**
     * Arguments: an empty directory, a seed, a part of the names of the readers (may be empty), and n, to feed about one
     * of n inputs.
     */
    public static void main(String[] arguments) throws Exception {
        byte[] ballast = new byte[BALLAST];
        int count = 0;
        for (HostileReader reader : HostileReaders.in(Path.of(arguments[0]))) {
            if (reader.name().contains(arguments[2])) {
                count += feed(reader, new Random(Long.parseLong(arguments[1])), Integer.parseInt(arguments[3]));
            }
        }
        if ("odd files of a spool".contains(arguments[2])) {
            System.out.println("INPUT odd files of a spool");
            new HostileSpool(Path.of(arguments[0]).resolve("odd"), "").oddFiles();
        }
        System.out.println("DONE " + count + " inputs " + ballast.length);
        System.exit(0);
    }

    private static int feed(HostileReader reader, Random random, int oneOf) throws Exception {
        long startNanos = System.nanoTime();
        List<Case> cases = HostileBytes.of(reader.validBytes(), reader.most(), random);
        for (Case each : cases) {
            if (random.nextInt(oneOf) != 0) {
                continue;
            }
            System.out.println("INPUT " + reader.name() + ": " + each.name());
            feed(reader, each.maker().make(), each.name());
        }
        System.out.println("TIME " + reader.name() + " " + (System.nanoTime() - startNanos) / 1_000_000 + " ms");
        return cases.size();
    }

    /** Everything but the documented refusal is a finding, and so is more time than any reader needs. */
    private static void feed(HostileReader reader, byte[] input, String name) {
        long startNanos = System.nanoTime();
        try {
            reader.body().read(input);
        } catch (Throwable e) {
            if (!reader.refusal().isInstance(e)) {
                System.out.println("FINDING " + reader.name() + ": " + name + ": " + e);
            }
        }
        if (System.nanoTime() - startNanos > MOST_NANOS) {
            System.out.println("FINDING " + reader.name() + ": " + name + ": took too long");
        }
    }
}
