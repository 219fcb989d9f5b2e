package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.route.S3Dialect;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the operator can do about an error that the store answered. The words that it looks for, and the servers that use
 * them: docs/COMPATIBILITY.md.
 */
final class S3Remedy {

    private static final Map<String, String> BY_CODE = Map.of(
            "NoSuchBucket", "create the bucket or correct RAW_BUCKET",
            "InvalidAccessKeyId", "the credentials are unknown to the store; correct them or attach a role",
            "SignatureDoesNotMatch",
                    "the secret key does not match the access key, or a proxy changes requests; correct the"
                            + " credentials, and run doctor if they are right",
            "PermanentRedirect", "the bucket is in another region; set AWS_REGION",
            "AuthorizationHeaderMalformed", "the bucket is in another region; set AWS_REGION",
            "RequestTimeTooSkewed", "the clock of this machine is wrong; synchronise it with chrony or ntpd",
            "AllAccessDisabled", "the account is blocked; contact AWS support");

    private static final String DOCTOR = "run doctor, which looks for the settings that it accepts";

    private final S3Answer answer;
    private final S3Options options;
    private final String permission;
    private final String text;

    /** @param permission that the request needs */
    S3Remedy(S3Answer answer, S3Options options, String permission) {
        this.answer = answer;
        this.options = options;
        this.permission = permission;
        this.text = answer.text();
    }

    /** One clause or several; "" if nothing is known. */
    String text() {
        return Stream.of(webPage(), addressing(), region(), header(), encryption(), denied(), byCode(), byStatus())
                .flatMap(Optional::stream)
                .findFirst()
                .orElse("");
    }

    /** Whether the operator has to act though the status is that of an overloaded store: RustFS answers 500. */
    boolean isForTheOperator() {
        return answer.status() == 501 || (encryption().isPresent() && webPage().isEmpty());
    }

    private Optional<String> webPage() {
        return when(
                answer.isWebPage(),
                "not an S3 server answered but a proxy, a firewall or a web server; check AWS_ENDPOINT_URL_S3 and what is"
                        + " between this machine and the store");
    }

    private Optional<String> addressing() {
        if (text.contains("secondleveldomainforbidden") || text.contains("virtual hosted style")) {
            return Optional.of("set S3_ADDRESSING=virtual");
        }
        String looked = answer.words().get("BucketName");
        boolean other = answer.code().equals("NoSuchBucket") && !looked.isEmpty() && !looked.equals(options.bucket());
        return when(
                other,
                "the store takes the request for one to a bucket named " + LogText.of(looked, 80)
                        + "; set S3_ADDRESSING=" + (new S3Requests(options).pathStyle() ? "virtual" : "path"));
    }

    private Optional<String> region() {
        Optional<String> region = answer.header("x-amz-bucket-region")
                .or(() -> Optional.of(LogText.of(answer.words().get("Region"), 80)))
                .filter(named -> !named.isEmpty() && !named.equals(options.region()));
        boolean elsewhere = answer.status() / 100 == 3 || answer.code().equals("AuthorizationHeaderMalformed");
        return region.filter(named -> elsewhere).map(named -> "the bucket is in " + named + ", set AWS_REGION to that");
    }

    /** A header of ours that the store does not support, if it says which. */
    private Optional<String> header() {
        if (answer.status() != 501 && answer.status() != 400) {
            return Optional.empty();
        }
        boolean sha256 = options.dialect().checksum() == S3Dialect.Checksum.SHA256;
        return when(
                        text.contains("if-none-match") || text.contains("conditional"),
                        "the store has no conditional puts; set S3_CONDITIONAL_PUT=check")
                .or(() -> when(
                        sha256 && text.contains("x-amz-checksum"),
                        "the store does not support SHA-256 checksums; set S3_CHECKSUM=content-md5"))
                .or(() -> when(
                        !sha256 && text.contains("content-md5") && !text.contains("did not match"),
                        "the store does not support Content-MD5; set S3_CHECKSUM=none"));
    }

    private Optional<String> encryption() {
        boolean named = text.contains("encryption") || text.contains("kms");
        if (!named || answer.status() == 403) {
            return Optional.empty();
        }
        if (text.contains("secure connection")) {
            return Optional.of("the store encrypts only what arrives over https://; correct AWS_ENDPOINT_URL_S3");
        }
        if (answer.code().startsWith("KMS.")) {
            return Optional.of(
                    "check the KMS key of S3_ENCRYPTION or of the bucket: that it exists, is enabled, and is in"
                            + " the bucket's region");
        }
        return Optional.of(
                options.dialect().encryption().algorithm() == null
                        ? "the bucket demands encryption; set S3_ENCRYPTION=AES256 or aws:kms"
                        : "the store cannot encrypt as requested; set S3_ENCRYPTION=none, or give the server a key service"
                                + " (KMS)");
    }

    private Optional<String> denied() {
        if (!answer.code().equals("AccessDenied")
                && !(answer.status() == 403 && answer.code().isEmpty())) {
            return Optional.empty();
        }
        boolean reads = permission.startsWith("s3:GetObject");
        boolean kms = text.contains("kms")
                || "aws:kms".equals(options.dialect().encryption().algorithm());
        String key = reads
                ? " (and kms:Decrypt on the key of an object under SSE-KMS)"
                : kms ? " (and kms:GenerateDataKey on the KMS key)" : "";
        return Optional.of(
                "allow this role " + permission + (permission.contains(" on ") ? "" : " on raw/*") + " of the bucket"
                        + key
                        + ", and check whether a bucket policy denies it"
                        + (reads || kms ? "" : ": one that demands SSE-KMS needs S3_ENCRYPTION=aws:kms"));
    }

    private Optional<String> byCode() {
        return Optional.ofNullable(BY_CODE.get(answer.code()));
    }

    private Optional<String> byStatus() {
        if (answer.status() / 100 == 3) {
            String target = answer.header("Location").map(to -> " to " + to).orElse("");
            return Optional.of("the store redirects" + target + "; correct AWS_REGION or AWS_ENDPOINT_URL_S3");
        }
        return when(
                answer.status() == 501 || text.contains("unsupported"),
                "the store does not support a header of this request; " + DOCTOR);
    }

    private static Optional<String> when(boolean holds, String remedy) {
        return holds ? Optional.of(remedy) : Optional.empty();
    }
}
