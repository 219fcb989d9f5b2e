package io.marketdata.collector.daily;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.collect.Recording;
import io.marketdata.collector.collect.StartSettings;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.process.Outputs;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Map;

/**
 * The daily audit as a function of AWS Lambda: {@code io.marketdata.collector.daily.AuditHandler::handleRequest}. Lambda needs
 * no interface of a library: it accepts a method with these two parameters (Lambda Developer Guide, "Define Lambda function
 * handler in Java"). The settings are environment variables: {@code RAW_BUCKET}, {@code SYMBOL} and those of the bucket.
 * Lambda invokes it from one thread at a time.
 */
public final class AuditHandler {

    private static final int MAX_INPUT_BYTES = 1 << 20;

    /** For Lambda. */
    public AuditHandler() {}

    /** Ends an invocation as failed. */
    static final class AuditFailedException extends Exception {

        private static final long serialVersionUID = 1;

        AuditFailedException(String message) {
            super(message);
        }
    }

    /**
     * Verifies yesterday (UTC), or what the input names, and answers with the verdict of each symbol.
     *
     * @throws IllegalArgumentException if the input is not valid
     * @throws SettingsException with every problem of the settings
     * @throws AuditFailedException if a symbol could not be verified or its report could not be put; the others were tried
     */
    public void handleRequest(InputStream input, OutputStream output)
            throws IOException, InterruptedException, SettingsException, AuditFailedException {
        try {
            Settings settings = StartSettings.load();
            AuditRequest request =
                    AuditRequest.of(input.readNBytes(MAX_INPUT_BYTES), settings.symbols(), Time.SYSTEM.epochMillis());
            try (ObjectStore store = Recording.openStore(settings, DailyAudit.REQUESTS)) {
                DailyAudit audit = new DailyAudit(store, settings, Time.SYSTEM, System.out::println);
                Map<Symbol, Verdict> verdicts = audit.run(request);
                if (!audit.failures().isEmpty()) {
                    throw new AuditFailedException(String.join("\n", audit.failures()));
                }
                answer(output, request, verdicts);
            }
        } finally {
            // Lambda stops all threads between two invocations.
            Outputs.flush();
        }
    }

    private static void answer(OutputStream output, AuditRequest request, Map<Symbol, Verdict> verdicts)
            throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(output)) {
            json.writeStartObject();
            json.writeStringField("day", request.day().toString());
            json.writeObjectFieldStart("verdicts");
            for (Map.Entry<Symbol, Verdict> verdict : verdicts.entrySet()) {
                json.writeStringField(
                        verdict.getKey().value(), verdict.getValue().name().toLowerCase(Locale.ROOT));
            }
            json.writeEndObject();
            json.writeEndObject();
        }
    }
}
