package io.marketdata.collector.testkit;

import static io.marketdata.collector.testkit.StubS3.answer;

import com.sun.net.httpserver.Headers;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.testkit.StubS3.Answer;
import io.marketdata.collector.testkit.StubS3.Request;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * How stores other than AWS answer a put, as documented or reported by the source that each one names, read 2026-11. A
 * stub of a store is not that store: docs/COMPATIBILITY.md says what each was tested with.
 */
public enum StoreKind {
    /** docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html. */
    AWS {},

    /**
     * A bucket whose policy denies puts without SSE-KMS; then the ETag is no MD5
     * (docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html, and API/API_Object.html on ETags).
     */
    AWS_WITH_KMS_POLICY {
        @Override
        Optional<Answer> refusal(Request request) {
            return request.header(SSE).equals("aws:kms") || !request.method().equals("PUT")
                    ? Optional.empty()
                    : refuse(
                            403,
                            "AccessDenied",
                            "User: arn:aws:sts::123456789012:assumed-role/collector/i-0abc is not authorized to perform:"
                                    + " s3:PutObject on resource: \"arn:aws:s3:::bucket/raw/x\" with an explicit deny in"
                                    + " a resource-based policy");
        }

        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", "\"0123456789abcdef0123456789abcdef\"");
            headers.set("x-amz-checksum-sha256", Sha256.of(body).base64());
        }
    },

    /** Without a key service: github.com/minio/minio/issues/14586 (status), /6367 (message). */
    MINIO_WITHOUT_KMS {
        @Override
        Optional<Answer> refusal(Request request) {
            return request.header(SSE).isEmpty()
                    ? Optional.empty()
                    : refuse(
                            501,
                            "NotImplemented",
                            "Server side encryption specified but KMS is not configured",
                            "<Key>raw/x</Key><BucketName>bucket</BucketName><Resource>/bucket/raw/x</Resource>");
        }
    },

    /** Without a key service: github.com/rustfs/rustfs/issues/2041. */
    RUSTFS_WITHOUT_KMS {
        @Override
        Optional<Answer> refusal(Request request) {
            return request.header(SSE).isEmpty()
                    ? Optional.empty()
                    : refuse(500, "InternalError", "Io error: No KMS key available for managed server-side encryption");
        }
    },

    /**
     * Checksums: github.com/iterate-ch/cyberduck/issues/16107; conditional puts:
     * github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78; both on
     * backblaze.com/docs/cloud-storage-s3-compatible-api. The order of its checks is not known.
     */
    BACKBLAZE_B2 {
        @Override
        Optional<Answer> refusal(Request request) {
            if (!request.header(SHA256).isEmpty()) {
                return refuse(
                        400,
                        "InvalidArgument",
                        "Unsupported header 'x-amz-checksum-sha256' received for this API call.");
            }
            return request.header(CONDITION).isEmpty() ? Optional.empty() : refuse(501, "NotImplemented", IMPLIES);
        }

        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", '"' + StubS3.md5(body) + '"');
        }
    },

    /**
     * No SSE header (developers.cloudflare.com/r2/api/s3/api/); the form of the answer to an unknown header is that of
     * github.com/pixelfed/pixelfed/issues/3775.
     */
    CLOUDFLARE_R2 {
        @Override
        Optional<Answer> refusal(Request request) {
            return request.header(SSE).isEmpty()
                    ? Optional.empty()
                    : refuse(
                            501,
                            "NotImplemented",
                            "Header &apos;x-amz-server-side-encryption&apos; with value &apos;" + request.header(SSE)
                                    + "&apos; not implemented");
        }
    },

    /**
     * Ignores If-None-Match on a PUT (github.com/aws/aws-sdk-java-v2/pull/6055, and
     * cloud.google.com/storage/docs/request-preconditions) and repeats no SHA-256.
     */
    GOOGLE_CLOUD_STORAGE {
        @Override
        boolean hasConditionalPuts() {
            return false;
        }

        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", '"' + StubS3.md5(body) + '"');
        }
    },

    /** SeaweedFS before 3.97 ignores If-None-Match: github.com/seaweedfs/seaweedfs/issues/7153, fixed by pull 7154. */
    SEAWEEDFS_3_96 {
        @Override
        boolean hasConditionalPuts() {
            return false;
        }

        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", '"' + StubS3.md5(body) + '"');
        }
    },

    /**
     * The bucket in the host's name only, upper-case ETags (alibabacloud.com/help/doc-detail/389025.html), no conditional
     * puts (github.com/tobi/walgit/issues/67), no aws-chunked bodies (github.com/iflytek/skillhub/pull/376).
     */
    ALIBABA_OSS {
        @Override
        Optional<Answer> refusal(Request request) {
            if (!request.virtualHosted()) {
                return refuse(403, "SecondLevelDomainForbidden", "Please use virtual hosted style to access.");
            }
            if (request.header("content-encoding").contains("aws-chunked")) {
                return refuse(400, "InvalidArgument", "aws-chunked encoding is not supported");
            }
            return request.header(CONDITION).isEmpty() ? Optional.empty() : refuse(501, "NotImplemented", IMPLIES);
        }

        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", '"' + StubS3.md5(body).toUpperCase(Locale.ROOT) + '"');
        }
    },

    /** Takes SSE and SHA-256 headers and ignores them; conditional puts work (16.2.15, one check against the server). */
    CEPH_RGW_16 {
        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", '"' + StubS3.md5(body) + '"');
        }
    },

    /** An Object Lock bucket wants Content-MD5 or x-amz-checksum-: github.com/supabase/storage/issues/423. */
    OBJECT_LOCK_WITHOUT_SHA256 {
        @Override
        Optional<Answer> refusal(Request request) {
            return request.method().equals("PUT")
                            && !Base64.getEncoder()
                                    .encodeToString(HexFormat.of().parseHex(StubS3.md5(request.body())))
                                    .equals(request.header("content-md5"))
                    ? refuse(
                            400,
                            "InvalidRequest",
                            "Content-MD5 HTTP header is required for Put Object requests with Object Lock parameters")
                    : Optional.empty();
        }

        @Override
        void describe(Headers headers, byte[] body) {
            headers.set("ETag", "\"not-an-md5\"");
        }
    };

    private static final String SSE = "x-amz-server-side-encryption";
    private static final String SHA256 = "x-amz-checksum-sha256";
    private static final String CONDITION = "if-none-match";
    private static final String IMPLIES = "A header you provided implies functionality that is not implemented";

    /** What the store answers in place of doing what was asked. */
    Optional<Answer> refusal(Request request) {
        return Optional.empty();
    }

    /** Whether If-None-Match has an effect. */
    boolean hasConditionalPuts() {
        return true;
    }

    /** Sets the headers that say what an object is. */
    void describe(Headers headers, byte[] body) {
        StubS3.describeLikeS3(headers, body);
    }

    private static Optional<Answer> refuse(int status, String code, String message, String... more) {
        String xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + message
                + "</Message>" + String.join("", more) + "<RequestId>1</RequestId></Error>";
        return Optional.of((exchange, request, server) ->
                answer(exchange, status, request.method().equals("HEAD") ? "" : xml));
    }
}
