package io.marketdata.collector.command;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.certificate.Certificate;
import io.marketdata.collector.certificate.SigningKey;
import io.marketdata.collector.daily.DayFiles;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A mixin for {@code verify}: writes what was found as a certificate. */
@Command // picocli requires it of a mixin
final class CertificateOptions {

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            description = "Also write a certificate of the day, which certify checks: the verdict, the gaps, and the"
                    + " SHA-256 of every part that holds trades (docs/CERTIFICATE.md). One symbol, one day. An existing"
                    + " file is not overwritten.")
    private @Nullable Path file;

    @Option(
            names = "--sign",
            paramLabel = "KEY",
            description = "Sign the certificate, that of --publish as well, with this private key; keygen makes one.")
    private @Nullable Path keyFile;

    private @Nullable SigningKey key;

    /** Refuses what cannot become a certificate, before anything is read. */
    void check(
            Terminal terminal,
            List<Symbol> symbols,
            List<Period> periods,
            @Nullable InstanceId instance,
            boolean publish,
            long nowMs) {
        if (publish) {
            checkPublished(terminal, periods, instance, nowMs);
        }
        if (file != null) {
            checkFile(file, terminal, symbols, periods, instance, nowMs);
        } else if (keyFile != null && !publish) {
            throw terminal.wrong("--sign signs a certificate; give --certificate FILE or --publish as well");
        }
        readKey(terminal);
    }

    private static void checkPublished(
            Terminal terminal, List<Period> periods, @Nullable InstanceId instance, long nowMs) {
        for (Period period : periods) {
            if (!period.isWholeDay() || period.toMs() > nowMs) {
                throw terminal.wrong(
                        "--publish is for whole UTC days that are over, and " + period + " is not one; give --day");
            }
        }
        if (instance != null) {
            throw terminal.wrong("--publish is for the parts of all instances; leave out --instance");
        }
    }

    private static void checkFile(
            Path file,
            Terminal terminal,
            List<Symbol> symbols,
            List<Period> periods,
            @Nullable InstanceId instance,
            long nowMs) {
        if (symbols.size() != 1 || periods.size() != 1) {
            throw terminal.wrong("--certificate is for one symbol and one UTC day or a part of it, not for "
                    + LogText.count(symbols.size(), "symbol") + " and " + LogText.count(periods.size(), "day")
                    + "; run verify once for each");
        }
        if (instance != null) {
            throw terminal.wrong("--certificate is for the parts of all instances; leave out --instance");
        }
        if (periods.get(0).toMs() > nowMs) {
            throw terminal.wrong("--certificate is for a period that is over, and " + periods.get(0) + " is not");
        }
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw terminal.wrong(
                    "--certificate " + file + ": the file exists and is not overwritten; give another name");
        }
        if (!Files.isDirectory(file.toAbsolutePath().resolveSibling("."))) {
            throw terminal.wrong("--certificate " + file + ": there is no such directory");
        }
    }

    /** What {@code --sign} signs with; null without it. Known after {@link #check}. */
    @Nullable
    SigningKey key() {
        return key;
    }

    private void readKey(Terminal terminal) {
        if (keyFile == null) {
            return;
        }
        try {
            key = SigningKey.read(keyFile);
        } catch (NoSuchFileException e) {
            throw terminal.wrong(
                    "--sign " + keyFile + ": there is no file " + e.getMessage() + "; keygen makes a key", e);
        } catch (IOException e) {
            throw terminal.wrong("--sign " + keyFile + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes the certificate, if one is wanted and something can be certified.
     *
     * @param verdict the exit code of {@code verify}
     * @param words where the words for a person go
     * @return the exit code
     */
    ExitCode write(DayReport report, boolean deep, ExitCode verdict, PrintWriter words) {
        if (file == null) {
            return verdict;
        }
        if (!DayFiles.isCertifiable(report)) {
            String why =
                    report.verdict() == Verdict.UNKNOWN ? "something could not be looked at" : "no trade is recorded";
            words.println("No certificate was written, because " + why);
            return verdict;
        }
        Certificate certificate = Certificate.of(report, deep, Time.SYSTEM.epochMillis(), key);
        try {
            certificate.write(file);
        } catch (IOException e) {
            words.println("The certificate could not be written: " + e);
            return ExitCode.DISK;
        }
        String signature = certificate.signature() == null
                ? "not signed"
                : "signed by " + certificate.signature().publicKey();
        words.println("certificate: " + file + ", "
                + LogText.count(certificate.parts().size(), "part") + ", " + signature + ", digest "
                + certificate.digest());
        words.flush();
        return verdict;
    }
}
