package io.marketdata.collector.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a recorder has noted in {@code .last}. */
final class SpoolNotes {

    private SpoolNotes() {}

    /** Whether every trade up to that id has been packed. */
    static boolean nothingIsMissingUpTo(long id, Path symbolFolder) throws IOException {
        try {
            String last = Files.readString(symbolFolder.resolve(".last"));
            return last.contains(" highest_id=" + id + " ") && !last.contains(" missing=");
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
