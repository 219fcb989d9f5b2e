package io.marketdata.collector.daily;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.DayReport.Verdict;
import io.marketdata.collector.audit.ReportJson;
import io.marketdata.collector.certificate.Certificate;
import io.marketdata.collector.certificate.SigningKey;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.report.ReportPage;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.PutPrice;
import io.marketdata.collector.upload.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code verify} found, as a page, as a JSON document and as a certificate, and in the bucket. Any thread.
 *
 * @param store the bucket that was looked at
 * @param isDeep whether every part was read
 */
public record DayFiles(ObjectStore store, Settings settings, boolean isDeep, Time time) {

    /** The page about reports. */
    public String page(List<DayReport> reports) {
        PutPrice price = settings.store() instanceof StoreTarget.S3 s3 && s3.endpoint() == null
                ? PutPrice.in(s3.region())
                : null;
        return ReportPage.of(new ReportPage.About(store.describe(), time.epochMillis(), isDeep, price), reports);
    }

    /** The document about reports, which ends with a line feed. */
    public String json(List<DayReport> reports) {
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        try {
            ReportJson.write(document, store.describe(), time.epochMillis(), isDeep, reports);
        } catch (IOException e) {
            throw new AssertionError("memory takes every byte", e);
        }
        return document.toString(StandardCharsets.UTF_8);
    }

    /** Whether a report is one that can be certified. */
    public static boolean isCertifiable(DayReport report) {
        return report.verdict() != Verdict.UNKNOWN && !report.ids().isEmpty();
    }

    /**
     * Puts the page, the document and the certificate of a day below {@code quality/}, in place of those of an earlier run.
     * Of a day that cannot be certified there is no certificate; an earlier one stays.
     *
     * @param report about a whole UTC day that is over, and about all instances
     * @param key that signs; null for none
     * @return the folder, with a slash at its end
     * @throws StoreException if one of them is not known to be stored
     */
    public String put(DayReport report, @Nullable SigningKey key) throws StoreException {
        put(report, "report.html", page(List.of(report)).getBytes(StandardCharsets.UTF_8), ContentType.HTML);
        put(report, "report.json", json(List.of(report)).getBytes(StandardCharsets.UTF_8), ContentType.JSON);
        if (isCertifiable(report)) {
            Certificate certificate = Certificate.of(report, isDeep, time.epochMillis(), key);
            put(report, "certificate.json", certificate.bytes(), ContentType.JSON);
        }
        return key(report, "");
    }

    private void put(DayReport report, String file, byte[] body, ContentType type) throws StoreException {
        store.replace(key(report, file), body, Sha256.of(body), type);
    }

    private static String key(DayReport report, String file) {
        return KeyLayout.quality(report.symbol(), report.period().fromMs(), file);
    }
}
