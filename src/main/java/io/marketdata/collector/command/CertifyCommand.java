package io.marketdata.collector.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.certificate.BucketComparison;
import io.marketdata.collector.certificate.BucketComparison.Result;
import io.marketdata.collector.certificate.Certificate;
import io.marketdata.collector.certificate.CertificateCheck;
import io.marketdata.collector.certificate.SigningKey;
import io.marketdata.collector.certificate.Statement;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.process.ExitCode;
import io.marketdata.collector.process.Threads;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a certificate, and a copy of the parts that it covers. */
@Command(
        name = "certify",
        description = {
            "Checks a certificate that verify --certificate wrote: that nothing in it was changed, and its signature. With"
                    + " --bucket it reads every part there and compares its SHA-256, and names parts that are missing,"
                    + " altered, or not in the certificate. Any copy of the parts under the same keys will do. Without"
                    + " --bucket it uses no network.",
            "",
            "A certificate without a signature shows accidents, but not an attacker who can replace it.",
            "",
            "Exit code: 0 proven, 1 something differs, 2 the certificate cannot be read or the bucket not be looked at.",
        },
        footer = {
            "",
            "Example: ${ROOT-COMMAND-NAME} certify BTCUSDT-2026-11-20.json --key certificates.key.pub --bucket my-bucket",
        },
        mixinStandardHelpOptions = true)
public final class CertifyCommand implements Callable<Integer> {

    private static final int MOST = 20;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Parameters(paramLabel = "FILE", description = "The certificate.")
    @SuppressWarnings("NullAway.Init") // required
    private Path file;

    @Option(
            names = "--bucket",
            paramLabel = "BUCKET",
            description = "A bucket's name or file:DIR, to compare every part (default: do not look at the parts).")
    private @Nullable String bucket;

    @Option(
            names = "--key",
            paramLabel = "PUB",
            description = "The public key that must have signed it: the file KEY.pub of keygen (default: check the"
                    + " signature if there is one, by the key that it names).")
    private @Nullable Path keyFile;

    @Allowed(least = "1", most = "256")
    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "64",
            description = "Requests to the bucket at once (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Override
    public Integer call() throws InterruptedException, SettingsException {
        String publicKey = requiredKey();
        Certificate certificate;
        try {
            certificate = Certificate.read(file);
        } catch (NoSuchFileException e) {
            return unreadable("there is no such file");
        } catch (IOException e) {
            return unreadable(LogText.of(String.valueOf(e.getMessage()), 300));
        }
        List<String> differences = CertificateCheck.differences(certificate, publicKey);
        Result found = new Result(differences, List.of(), 0);
        if (differences.isEmpty() && bucket != null) {
            Settings settings = StartSettings.resolve(
                    SettingsLoader.ofProcess().storingIn(bucket).load());
            try (ObjectStore store = Recording.openStore(settings, requests);
                    ProgressLine progress = ProgressLine.on(terminal, json, file.toString())) {
                found = new BucketComparison(store, certificate, Threads.daemons("certify"), requests, progress).run();
            }
        }
        ExitCode code = !found.differences().isEmpty()
                ? ExitCode.FOUND_WANTING
                : found.notSeen().isEmpty() ? ExitCode.DONE : ExitCode.COULD_NOT_LOOK;
        if (json.wanted()) {
            terminal.print(document(certificate, found, code));
        } else {
            print(certificate, found, code);
        }
        return code.code();
    }

    private @Nullable String requiredKey() {
        try {
            return keyFile == null ? null : SigningKey.readPublic(keyFile);
        } catch (NoSuchFileException e) {
            throw terminal.wrong("--key " + keyFile + ": there is no such file", e);
        } catch (IOException e) {
            throw terminal.wrong("--key " + keyFile + ": " + e.getMessage(), e);
        }
    }

    private int unreadable(String why) {
        terminal.err().println(file + " cannot be read as a certificate: " + why);
        return ExitCode.COULD_NOT_LOOK.code();
    }

    private static String result(ExitCode code) {
        return switch (code) {
            case DONE -> "proven";
            case FOUND_WANTING -> "differs";
            default -> "unknown";
        };
    }

    private static String document(Certificate certificate, Result found, ExitCode code) {
        ObjectNode document = new ObjectMapper().createObjectNode().put("result", result(code));
        Statement statement = certificate.statement();
        document.put("symbol", statement.symbol())
                .put("from_ms", statement.fromMs())
                .put("to_ms", statement.toMs())
                .put("verdict", statement.verdict())
                .put("digest", certificate.digest())
                .put(
                        "public_key",
                        certificate.signature() == null
                                ? null
                                : certificate.signature().publicKey());
        found.differences().forEach(document.putArray("differences")::add);
        found.notSeen().forEach(document.putArray("not_seen")::add);
        return document.put("foreign_objects", found.foreign()).toString();
    }

    private void print(Certificate certificate, Result found, ExitCode code) {
        Statement statement = certificate.statement();
        String states = stated(statement);
        terminal.print("states: " + states);
        terminal.print("stated: " + Instant.ofEpochMilli(statement.createdAtMs()) + " by "
                + LogText.of(statement.program())
                + (statement.deep() ? ", after reading every part" : ", from the manifests of the parts"));
        terminal.print("digest: " + certificate.digest());
        terminal.print("signed: "
                + (certificate.signature() == null
                        ? "no"
                        : "by " + certificate.signature().publicKey())
                + (certificate.signature() != null && keyFile == null
                        ? "; whose key that is, only --key decides"
                        : ""));
        list("", found.differences());
        list("not seen: ", found.notSeen());
        if (found.foreign() > 0) {
            terminal.print("note: " + LogText.count(found.foreign(), "object")
                    + " in its folders that no collector puts there; the certificate does not cover them");
        }
        String looked =
                bucket == null ? "the certificate alone; --bucket compares the parts" : "every part is as certified";
        terminal.print(
                switch (code) {
                    case DONE -> "PROVEN, " + looked + ": " + states;
                    case FOUND_WANTING ->
                        "DIFFERS, the first difference: " + found.differences().get(0);
                    default -> "NOT KNOWN, because something could not be looked at";
                });
    }

    private void list(String before, List<String> messages) {
        messages.stream().limit(MOST).forEach(message -> terminal.print(before + message));
        if (messages.size() > MOST) {
            terminal.print(before + "and " + (messages.size() - MOST) + " more; --json lists them");
        }
    }

    private static String stated(Statement statement) {
        String day = statement.symbol() + " " + statement.period();
        String trades = LogText.count(statement.trades(), "trade") + ", ids " + statement.idFirst() + " to "
                + statement.idLast() + ", in " + LogText.count(statement.parts(), "part");
        return statement.saysComplete()
                ? day + " COMPLETE, " + trades
                : String.format(
                        Locale.ROOT,
                        "%s NOT COMPLETE, %s; %s missing in %s, %s",
                        day,
                        trades,
                        LogText.count(statement.missing(), "trade"),
                        LogText.count(statement.gaps().size(), "gap"),
                        LogText.count(statement.problems(), "problem"));
    }

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
    public static final class Keygen implements Callable<Integer> {

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
                        "--out " + out + ": " + e.getMessage() + " exists and is not overwritten; give another"
                                + " name",
                        e);
            } catch (NoSuchFileException e) {
                throw terminal.wrong("--out " + out + ": there is no such directory", e);
            } catch (IOException e) {
                terminal.err().println("The key could not be written: " + e);
                return ExitCode.DISK.code();
            }
        }
    }
}
