package io.marketdata.collector.doctor;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Checks whether the bucket accepts uploads as the collector makes them, and what they cost. One thread. */
public final class StoreChecks {

    // USD per 1,000 PUT requests, S3 Standard: 0.005 in us-east-1 and most regions, 0.0047 in Tokyo. List prices of
    // 2026-11, see aws.amazon.com/s3/pricing. Storage costs only cents beside them.
    private static final double USD_PER_1000_PUTS = 0.005;
    private static final double USD_PER_1000_PUTS_IN_TOKYO = 0.0047;
    private static final String TOKYO = "ap-northeast-1";

    private static final long MONTH_SECONDS = Duration.ofDays(30).toSeconds();
    private static final int PUTS_PER_PART = 2;
    private static final double WORTH_A_WARNING_USD = 100;
    private static final int CHEAP_ROT_SECS = 60;

    private final Settings settings;
    private final ObjectStore store;
    private final Time time;

    public StoreChecks(Settings settings, ObjectStore store, Time time) {
        this.settings = settings;
        this.store = store;
        this.time = time;
    }

    /**
     * Uploads a small object twice: the first must be stored and the second recognised, which needs s3:GetObject. The
     * object stays; nothing in this program may delete from a bucket.
     */
    public List<Finding> bucket() {
        long now = time.epochMillis();
        String key = KeyLayout.probe(settings.instance(), now);
        String text = "Written by the collector's doctor as " + settings.instance() + " at " + Instant.ofEpochMilli(now)
                + ", to check that this bucket can be written. It may be deleted.\n";
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        Sha256 sha256 = Sha256.of(body);
        try {
            PutOutcome first = store.put(key, body, sha256, ContentType.TEXT);
            if (first == PutOutcome.NAME_TAKEN) {
                return List.of(Finding.warn(
                        "bucket",
                        store.describe() + " already holds " + key + " with other content",
                        "make sure that no other collector has INSTANCE_ID " + settings.instance()
                                + ", and run doctor again"));
            }
            return List.of(again(store.put(key, body, sha256, ContentType.TEXT), key, body.length));
        } catch (StoreException e) {
            return List.of(failed(e));
        }
    }

    private Finding again(PutOutcome second, String key, int bytes) {
        return switch (second) {
            case ALREADY_STORED ->
                Finding.ok(
                        "bucket",
                        store.describe() + " stored " + key + " (" + bytes
                                + " bytes, it stays) and recognised the repetition");
            case NAME_TAKEN ->
                Finding.fail(
                        "bucket",
                        store.describe() + " stored " + key + ", but holds other bytes than were sent",
                        "find out what changes bytes on the way: a proxy, a gateway, or the store itself");
            case STORED ->
                Finding.fail(
                        "bucket",
                        store.describe() + " overwrote " + key + " in spite of If-None-Match: *",
                        "use S3, or a server with conditional puts: two collectors with the same INSTANCE_ID could overwrite"
                                + " each other's objects");
        };
    }

    private static Finding failed(StoreException e) {
        String message = String.valueOf(e.getMessage());
        int at = message.indexOf("; ");
        if (at >= 0) {
            return Finding.fail("bucket", message.substring(0, at), message.substring(at + 2));
        }
        return Finding.fail(
                "bucket",
                message,
                switch (e.kind()) {
                    case UNAVAILABLE ->
                        "check that the bucket can be reached from here (network, proxy, S3 endpoint of the VPC); if it is"
                                + " only busy, run doctor again";
                    case REFUSED -> "check RAW_BUCKET, AWS_REGION, the credentials and the bucket policy";
                    case CORRUPTED -> "find out what changes bytes on the way: a proxy, or the server itself";
                });
    }

    /** The cost of one month's puts, if every slot has a part. */
    public List<Finding> cost() {
        if (!(settings.store() instanceof StoreTarget.S3 s3)) {
            return List.of(Finding.ok("cost", "none, the objects go to a local directory"));
        }
        long rotSecs = settings.spool().rotateAge().toSeconds();
        long puts = PUTS_PER_PART * MONTH_SECONDS * settings.symbols().size() / rotSecs;
        String symbols = LogText.count(settings.symbols().size(), "symbol");
        String what = String.format(Locale.ROOT, "up to %.2f million puts a month (ROT_SECS=", puts / 1e6) + rotSecs
                + ", " + symbols + ", part and manifest)";
        if (s3.endpoint() != null) {
            return List.of(Finding.ok("cost", what + "; their price at " + s3.endpoint() + " is not known"));
        }
        double usd = puts / 1e3 * (TOKYO.equals(s3.region()) ? USD_PER_1000_PUTS_IN_TOKYO : USD_PER_1000_PUTS);
        String detail = String.format(Locale.ROOT, "%s, about %.2f USD at list price", what, usd);
        double cheap = usd * (double) rotSecs / CHEAP_ROT_SECS;
        String cheaper = rotSecs >= CHEAP_ROT_SECS
                ? ""
                : "ROT_SECS=" + CHEAP_ROT_SECS
                        + String.format(Locale.ROOT, " would cost %.2f USD, but parts arrive later", cheap);
        if (usd >= WORTH_A_WARNING_USD) {
            String remedy = cheaper.isEmpty() ? "record fewer symbols, or raise ROT_SECS" : cheaper;
            return List.of(Finding.warn("cost", detail, remedy));
        }
        return List.of(Finding.ok("cost", cheaper.isEmpty() ? detail : detail + "; " + cheaper));
    }
}
