package io.marketdata.collector.certificate;

import static io.marketdata.collector.certificate.CertifiedDay.DAY;
import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.Period;
import io.marketdata.collector.upload.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BucketComparisonTest {

    private static final byte[] BYTES = "x".getBytes(StandardCharsets.US_ASCII);

    private final CertifiedDay day = new CertifiedDay(id -> false);

    @SuppressWarnings("NullAway.Init")
    private Certificate certificate;

    @SuppressWarnings("NullAway.Init")
    private String key;

    @BeforeEach
    void certify() throws InterruptedException {
        certificate = day.certificate(null);
        key = certificate.parts().get(7).key();
    }

    private BucketComparison.Result compare() throws InterruptedException {
        return new BucketComparison(day.bucket, certificate, Thread::new, 4, (what, done, total) -> {}).run();
    }

    @Test
    void bucketThatWasCertifiedIsProven() throws InterruptedException {
        assertThat(compare().differences()).isEmpty();
        assertThat(compare().notSeen()).isEmpty();
        assertThat(compare().foreign()).isZero();
    }

    @Test
    void missingPartIsNamed() throws InterruptedException {
        day.bucket.delete(key);

        assertThat(compare().differences()).singleElement().asString().startsWith("missing: " + key + "; ids 400000");
    }

    @Test
    void alteredPartIsNamed() throws InterruptedException {
        byte[] bytes = day.bucket.get(key);
        byte[] changed = bytes.clone();
        changed[changed.length / 2] ^= 1;
        day.bucket.plant(key, changed);
        assertThat(compare().differences()).singleElement().asString().startsWith("altered: " + key + " has another");

        day.bucket.plant(key, Arrays.copyOf(bytes, bytes.length + 100));
        assertThat(compare().differences())
                .singleElement()
                .asString()
                .startsWith("altered: " + key + " has more than " + bytes.length + " bytes");

        day.bucket.plant(key, Arrays.copyOf(bytes, bytes.length - 1));
        assertThat(compare().differences())
                .singleElement()
                .asString()
                .startsWith("altered: " + key + " has " + (bytes.length - 1) + " bytes");
    }

    @Test
    void partThatIsNotCertifiedIsNamed() throws InterruptedException {
        String folder = key.substring(0, key.lastIndexOf('/') + 1);
        String misplaced = folder + "part-i-1-" + DAY.toMs() + ".jsonl.gz";
        day.bucket.plant(misplaced, BYTES);
        day.bucket.plant(folder + "manifest-i-1-" + DAY.toMs() + ".json", BYTES);
        day.bucket.plant(folder + "notes.txt", BYTES);

        assertThat(compare().differences())
                .containsExactly("extra: " + misplaced + " is not a part of this certificate");
        assertThat(compare().foreign()).isEqualTo(1);
    }

    @Test
    void differencesComeInTheOrderOfTheKeys() throws InterruptedException {
        day.bucket.plant(certificate.parts().get(90).key(), BYTES);
        day.bucket.delete(certificate.parts().get(20).key());
        day.bucket.delete(key);

        assertThat(compare().differences())
                .extracting(text -> text.substring(0, text.indexOf(':')))
                .containsExactly("missing", "missing", "altered");
        assertThat(compare().differences().get(0)).contains(key);
    }

    @Test
    void damagedPartThatWasExcludedIsNoDifference() throws InterruptedException {
        day.bucket.plant(key, BYTES);
        certificate = day.certificate(null);

        assertThat(compare().differences()).isEmpty();
    }

    @Test
    void partsBesideThePeriodAreNoDifference() throws InterruptedException {
        Period period = new Period(DAY.fromMs() + 1_800_000, DAY.fromMs() + 5_400_000);
        certificate = Certificate.of(day.report(period), true, CertifiedDay.NOW_MS, null);

        assertThat(certificate.parts()).hasSizeBetween(3, 10);
        assertThat(compare().differences()).isEmpty();
    }

    @Test
    void whatTheStoreDoesNotShowIsNotProven() throws InterruptedException {
        day.bucket.failReadsWith(read -> read.equals(key)
                ? Optional.of(new StoreException(StoreException.Kind.UNAVAILABLE, "no answer for " + key))
                : Optional.empty());

        assertThat(compare().differences()).isEmpty();
        assertThat(compare().notSeen()).containsExactly("no answer for " + key);
    }
}
