package io.marketdata.collector.model;

import io.marketdata.collector.model.Manifest.Software;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Identifies this build for the start of the log, {@code --version} and every manifest. */
public final class BuildInfo {

    /** The package of every class and logger of this program. */
    public static final String ROOT_PACKAGE = "io.marketdata.collector";

    private BuildInfo() {}

    /**
     * How a person starts this program, for usage and remedies. The wrapper of an installed package sets the system
     * property {@code collector.command} to its own name, {@code market-collector}.
     */
    public static String command() {
        return System.getProperty("collector.command", "java -jar collector.jar");
    }

    /** Version of the jar and of the Java that runs it. */
    public static Software software() {
        Properties build = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/build.properties")) {
            if (in == null) {
                throw new IllegalStateException("build.properties is missing from the jar");
            }
            build.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Software(build.getProperty("version"), System.getProperty("java.version"));
    }
}
