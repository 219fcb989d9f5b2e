package io.marketdata.collector.command;

import io.marketdata.collector.certificate.SigningKey;
import io.marketdata.collector.process.ExitCode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a key that signs certificates. */
@Command(
        name = "keygen",
        description = {
            "Makes an Ed25519 key that signs certificates (verify --sign): KEY with the private key, which only its owner"
                    + " may read, and KEY.pub with the public one, for those who check (certify --key). Overwrites"
                    + " nothing. Prints the public key.",
        },
        footer = {"", "Example: ${ROOT-COMMAND-NAME} keygen --out certificates.key"},
        mixinStandardHelpOptions = true)
public final class KeygenCommand implements Callable<Integer> {

    @Mixin
    private final Terminal terminal = new Terminal();

    @Option(names = "--out", required = true, paramLabel = "KEY", description = "The file of the private key.")
    @SuppressWarnings("NullAway.Init") // required
    private Path out;

    @Override
    public Integer call() {
        try {
            String publicKey = SigningKey.generate(out);
            terminal.print("public key: " + publicKey);
            terminal.print("Keep " + out + " secret; give " + SigningKey.publicFile(out) + " to those who check");
            return ExitCode.DONE.code();
        } catch (FileAlreadyExistsException e) {
            throw terminal.wrong(
                    "--out " + out + ": " + e.getMessage() + " exists and is not overwritten; give another" + " name",
                    e);
        } catch (NoSuchFileException e) {
            throw terminal.wrong("--out " + out + ": there is no such directory", e);
        } catch (IOException e) {
            terminal.err().println("The key could not be written: " + e);
            return ExitCode.DISK.code();
        }
    }
}
