package io.marketdata.collector.spool;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the spool that a person may have meant, below a directory that is none. */
public final class SpoolSearch {

    private static final int DEEPEST = 6;
    private static final int MOST_VISITED = 10_000;

    private SpoolSearch() {}

    /** Whether a collector has recorded into this directory: it has a marker or the directory of the exchange. */
    public static boolean isSpool(Path directory) {
        return Files.exists(SpoolMarker.file(directory))
                || Files.isDirectory(Spool.streamDirectory(directory))
                || Files.isDirectory(Spool.streamDirectory(directory.resolve(Spool.BACKFILL)));
    }

    /** The first spool among the first 10,000 entries below a directory; what cannot be read is left out. */
    public static Optional<Path> below(Path directory) throws IOException {
        Search search = new Search();
        Files.walkFileTree(directory, Set.<FileVisitOption>of(), DEEPEST, search);
        return Optional.ofNullable(search.found);
    }

    private static final class Search extends SimpleFileVisitor<Path> {
        private @Nullable Path found;
        private int visited;

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (isSpool(directory)) {
                found = directory;
            }
            return next();
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            return next();
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return next();
        }

        private FileVisitResult next() {
            return found != null || ++visited >= MOST_VISITED ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }
    }
}
