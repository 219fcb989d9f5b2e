package io.marketdata.collector.certificate;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes a file that was not there: all of it, or nothing. */
final class NewFile {

    private NewFile() {}

    /** Writes the content. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes, flushes to the disk, and only then gives the file its name. A crash leaves a file that ends in {@code .tmp}.
     *
     * @throws FileAlreadyExistsException if the file exists; it is not changed
     */
    static void write(Path file, Content content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(temporary, file); // without an option it refuses a file that exists
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
