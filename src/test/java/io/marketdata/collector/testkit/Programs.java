package io.marketdata.collector.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What this machine has installed. */
public final class Programs {

    private Programs() {}

    /** Whether a program of that name is on the path. */
    public static boolean onPath(String program) {
        return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
                .splitAsStream(System.getenv("PATH"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
