package io.marketdata.collector.store;

import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.route.S3Dialect.Addressing;
import io.marketdata.collector.route.S3Dialect.Checksum;
import io.marketdata.collector.route.S3Dialect.ConditionalPut;
import io.marketdata.collector.route.S3Dialect.Encryption;
import io.marketdata.collector.testkit.StoreKind;
import io.marketdata.collector.testkit.StubS3;
import io.marketdata.collector.upload.ObjectStore;
import java.net.URI;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;

/** Runs the store contract against stubs that answer as each store is documented to, in the dialect that it needs. */
class StoreKindsTest {

    abstract static class OnStub extends ObjectStoreContract {

        @Override
        boolean lists() {
            return false;
        }

        private final StoreKind kind;
        private final S3Dialect dialect;
        private StubS3 server;
        private ObjectStore store;

        OnStub(StoreKind kind, S3Dialect dialect) {
            this.kind = kind;
            this.dialect = dialect;
        }

        @BeforeEach
        void start() throws Exception {
            server = new StubS3().like(kind);
            URI endpoint = dialect.addressing() == Addressing.VIRTUAL
                    ? URI.create("http://store.internal:" + server.uri().getPort())
                    : server.uri();
            store = S3Stores.of(endpoint, "bucket", "key", "secret", dialect);
        }

        @AfterEach
        void stop() {
            store.close();
            server.close();
        }

        @Override
        ObjectStore store() {
            return store;
        }

        @Override
        byte[] read(String key) {
            return Objects.requireNonNull(server.objects().get(key), key);
        }

        @Override
        boolean checksDigests() {
            return dialect.checksum() == Checksum.SHA256;
        }

        @Override
        boolean excludesOtherWriters() {
            return dialect.conditionalPut() == ConditionalPut.REQUIRE;
        }
    }

    @Nested
    class Aws extends OnStub {
        Aws() {
            super(StoreKind.AWS, S3Dialect.STRICT);
        }
    }

    @Nested
    class AwsWithKmsPolicy extends OnStub {
        AwsWithKmsPolicy() {
            super(StoreKind.AWS_WITH_KMS_POLICY, S3Dialect.STRICT.with(Encryption.parse("aws:kms:alias/trades")));
        }
    }

    @Nested
    class MinioWithoutKms extends OnStub {
        MinioWithoutKms() {
            super(StoreKind.MINIO_WITHOUT_KMS, S3Dialect.STRICT.with(Encryption.NONE));
        }
    }

    @Nested
    class RustFsWithoutKms extends OnStub {
        RustFsWithoutKms() {
            super(StoreKind.RUSTFS_WITHOUT_KMS, S3Dialect.STRICT.with(Encryption.NONE));
        }
    }

    @Nested
    class BackblazeB2 extends OnStub {
        BackblazeB2() {
            super(
                    StoreKind.BACKBLAZE_B2,
                    S3Dialect.STRICT.with(ConditionalPut.CHECK).with(Checksum.CONTENT_MD5));
        }
    }

    @Nested
    class CloudflareR2 extends OnStub {
        CloudflareR2() {
            super(StoreKind.CLOUDFLARE_R2, S3Dialect.STRICT.with(Encryption.NONE));
        }
    }

    @Nested
    class GoogleCloudStorage extends OnStub {
        GoogleCloudStorage() {
            super(StoreKind.GOOGLE_CLOUD_STORAGE, S3Dialect.STRICT.with(ConditionalPut.CHECK));
        }
    }

    @Nested
    class SeaweedFs extends OnStub {
        SeaweedFs() {
            super(StoreKind.SEAWEEDFS_3_96, S3Dialect.STRICT.with(ConditionalPut.CHECK));
        }
    }

    @Nested
    class AlibabaOss extends OnStub {
        AlibabaOss() {
            super(
                    StoreKind.ALIBABA_OSS,
                    S3Dialect.STRICT.with(Addressing.VIRTUAL).with(ConditionalPut.CHECK));
        }
    }

    @Nested
    class CephRgw extends OnStub {
        CephRgw() {
            super(StoreKind.CEPH_RGW_16, S3Dialect.STRICT);
        }
    }

    @Nested
    class ObjectLockWithoutSha256 extends OnStub {
        ObjectLockWithoutSha256() {
            super(StoreKind.OBJECT_LOCK_WITHOUT_SHA256, S3Dialect.STRICT.with(Checksum.CONTENT_MD5));
        }
    }
}
