package io.marketdata.collector.doctor;

import io.marketdata.collector.config.Settings;
import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.PutPrice;
import io.marketdata.collector.upload.StoreException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Checks whether the bucket accepts uploads as the collector makes them, and what they cost. One thread. */
public final class StoreChecks {

    /** 30.4 days, as in docs/COST.md. */
    private static final long MONTH_SECONDS = 2_626_560;

    private static final double WORTH_A_WARNING_USD = 100;
    private static final int CHEAP_ROT_SECS = 60;

    /** A month of BTCUSDT, about 2.3 GB, at 0.025 USD for a GB and month (docs/COST.md). */
    private static final double STORAGE_USD_PER_SYMBOL = 0.06;

    private final Settings settings;
    private final ObjectStore store;
    private final Function<S3Dialect, ObjectStore> inDialect;
    private final Time time;
    private long lastProbe;

    /** @param inDialect opens the S3 store of the settings in another dialect */
    public StoreChecks(Settings settings, ObjectStore store, Function<S3Dialect, ObjectStore> inDialect, Time time) {
        this.settings = settings;
        this.store = store;
        this.inDialect = inDialect;
        this.time = time;
    }

    /**
     * Uploads a small object twice: the first must be stored and the second recognised, which needs s3:GetObject. If the
     * store answers that it will not, or overwrites, looks for settings that it accepts. The objects stay; nothing in
     * this program may delete from a bucket.
     */
    public List<Finding> bucket() {
        Probe probe = probe(store);
        Finding finding = probe.finding;
        return List.of(
                probe.mayBeTheDialect && settings.store() instanceof StoreTarget.S3 s3 ? search(s3, finding) : finding);
    }

    /** @param mayBeTheDialect whether the store might take the same object in another dialect */
    private record Probe(Finding finding, boolean mayBeTheDialect) {}

    private Probe probe(ObjectStore probed) {
        long now = Math.max(time.epochMillis(), lastProbe + 1);
        lastProbe = now;
        String key = KeyLayout.probe(settings.instance(), now);
        String text = "Written by the collector's doctor as " + settings.instance() + " at " + Instant.ofEpochMilli(now)
                + ", to check that this bucket can be written. It may be deleted.\n";
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        Sha256 sha256 = Sha256.of(body);
        try {
            PutOutcome first = probed.put(key, body, sha256, ContentType.TEXT);
            if (first == PutOutcome.NAME_TAKEN) {
                return new Probe(taken(probed, key), false);
            }
            PutOutcome second = probed.put(key, body, sha256, ContentType.TEXT);
            return new Probe(again(second, probed, key, body.length), second == PutOutcome.STORED);
        } catch (StoreException e) {
            return new Probe(failed(e), mayBeTheDialect(e));
        }
    }

    /** Wrong keys are not tried again and again: some stores lock the account. */
    private static boolean mayBeTheDialect(StoreException e) {
        boolean answered = e.fault().contains(": HTTP ") && !e.fault().contains("InvalidAccessKeyId");
        return e.kind() == StoreException.Kind.UNAVAILABLE ? !e.remedy().isEmpty() : answered;
    }

    private Finding search(StoreTarget.S3 s3, Finding refused) {
        StoreSearch search = new StoreSearch(s3, dialect -> {
            try (ObjectStore other = inDialect.apply(dialect)) {
                return probe(other).finding.level() == Finding.Level.OK;
            }
        });
        Optional<S3Dialect> found = search.find();
        String tried = LogText.count(search.tries(), "combination") + " tried";
        if (found.isEmpty()) {
            String why =
                    refused.remedy() + ". No value of S3_ENCRYPTION, S3_ADDRESSING, S3_CONDITIONAL_PUT or S3_CHECKSUM"
                            + " helps (" + tried + ")";
            return Finding.fail("bucket", refused.detail(), why);
        }
        String weakened = found.get().weakened();
        return Finding.fail(
                "bucket",
                refused.detail(),
                "this bucket works with the settings " + found.get().settingsUnlike(s3.dialect()) + " (" + tried
                        + "; the objects that were stored stay below raw/doctor/)"
                        + (weakened.isEmpty() ? "" : ". " + weakened));
    }

    private Finding taken(ObjectStore probed, String key) {
        return Finding.warn(
                "bucket",
                probed.describe() + " already holds " + key + " with other content",
                "make sure that no other collector has INSTANCE_ID " + settings.instance() + ", and run doctor again");
    }

    private static Finding again(PutOutcome second, ObjectStore store, String key, int bytes) {
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
                        "set S3_CONDITIONAL_PUT=check, or use a server with conditional puts: two collectors with the same INSTANCE_ID could overwrite"
                                + " each other's objects");
        };
    }

    private static Finding failed(StoreException e) {
        if (!e.remedy().isEmpty()) {
            return Finding.fail("bucket", e.fault(), e.remedy());
        }
        return Finding.fail(
                "bucket",
                e.fault(),
                switch (e.kind()) {
                    case UNAVAILABLE ->
                        "check that the bucket can be reached from here (network, proxy, S3 endpoint of the VPC); if it is"
                                + " only busy, run doctor again";
                    case REFUSED -> "check RAW_BUCKET, AWS_REGION, the credentials and the bucket policy";
                    case CORRUPTED -> "find out what changes bytes on the way: a proxy, or the server itself";
                });
    }

    /** The cost of one month of this instance: puts, if every slot has a part, and storage. */
    public List<Finding> cost() {
        if (!(settings.store() instanceof StoreTarget.S3 s3)) {
            return List.of(Finding.ok("cost", "none, the objects go to a local directory"));
        }
        long rotSecs = settings.spool().rotateAge().toSeconds();
        long puts = PutPrice.PUTS_PER_PART * MONTH_SECONDS * settings.symbols().size() / rotSecs;
        String symbols = LogText.count(settings.symbols().size(), "symbol");
        String what = String.format(Locale.ROOT, "up to %.2f million puts a month (ROT_SECS=", puts / 1e6) + rotSecs
                + ", " + symbols + ", part and manifest)";
        if (s3.endpoint() != null) {
            return List.of(Finding.ok("cost", what + "; their price at " + s3.endpoint() + " is not known"));
        }
        double usd = PutPrice.in(s3.region()).usd(puts);
        String detail = String.format(
                Locale.ROOT,
                "%s: about %.2f USD for this instance (%s), and %.2f USD more each month for storage if all trade like BTCUSDT"
                        + " (docs/COST.md)",
                what,
                usd,
                PutPrice.SOURCE,
                STORAGE_USD_PER_SYMBOL * settings.symbols().size());
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
