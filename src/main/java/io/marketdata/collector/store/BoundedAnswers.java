package io.marketdata.collector.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.Abortable;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;

/**
 * Bounds what an answer of the store can cost: the client reads it into memory as a whole, and its XML parser calls
 * itself for each level of nesting. Of an error, at most 64 KiB are read (S3's have less than 1 KiB), and the parser gets
 * only the elements of {@link ErrorBody}. Of the body of a success it gets nothing: what puts and HEADs answer is in their
 * headers. Of a listing it gets at most 2 MiB, which is 1,000 keys of 1,024 bytes: a longer one ends in the
 * middle, and the parser refuses it. An object that
 * is read has its own limit. HTTP headers are bounded by the HTTP client: 100 of 8 KiB.
 */
final class BoundedAnswers implements ExecutionInterceptor {

    static final int MAX_BYTES = 64 << 10;
    static final int MAX_LISTING_BYTES = 2 << 20;

    private static final ExecutionAttribute<SdkBytes> WORDS = new ExecutionAttribute<>("WordsOfTheStore");

    /** The client itself would unzip what {@link Plain} has unzipped. */
    @Override
    public SdkHttpResponse modifyHttpResponse(Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        return isObject(context)
                ? context.httpResponse()
                : context.httpResponse().toBuilder()
                        .removeHeader("Content-Encoding")
                        .build();
    }

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        if (isObject(context)) {
            return context.responseBody();
        }
        boolean success = context.httpResponse().isSuccessful();
        boolean listing = success && context.request() instanceof ListObjectsV2Request;
        return context.responseBody()
                .map(body -> new Plain(body, listing ? MAX_LISTING_BYTES : MAX_BYTES, answer -> {
                    if (success) {
                        return listing ? answer : new byte[0];
                    }
                    byte[] xml = ErrorBody.of(answer).xml();
                    attributes.putAttribute(WORDS, SdkBytes.fromByteArray(xml));
                    return xml;
                }));
    }

    private static boolean isObject(Context.ModifyHttpResponse context) {
        return context.httpResponse().isSuccessful() && context.request() instanceof GetObjectRequest;
    }

    /** Adds the store's words to the exception: the client itself keeps the code and the message. */
    @Override
    public Throwable modifyException(Context.FailedExecution context, ExecutionAttributes attributes) {
        @Nullable SdkBytes words = attributes.getAttribute(WORDS);
        if (words == null || !(context.exception() instanceof AwsServiceException e) || e.awsErrorDetails() == null) {
            return context.exception();
        }
        AwsErrorDetails details =
                e.awsErrorDetails().toBuilder().rawResponse(words).build();
        return e.toBuilder().awsErrorDetails(details).build();
    }

    /** What the parser gets in place of an answer; the answer is read when the parser begins. */
    private static final class Plain extends InputStream {
        private final InputStream answer;
        private final int maxBytes;
        private final UnaryOperator<byte[]> xml;
        private @Nullable InputStream plain;

        /** @param xml makes what the parser gets of the first {@code maxBytes} of the answer */
        Plain(InputStream answer, int maxBytes, UnaryOperator<byte[]> xml) {
            this.answer = answer;
            this.maxBytes = maxBytes;
            this.xml = xml;
        }

        private InputStream plain() throws IOException {
            if (plain == null) {
                byte[] body = answer.readNBytes(maxBytes);
                plain = new ByteArrayInputStream(xml.apply(unzipped(body, maxBytes)));
                if (body.length == maxBytes && answer instanceof Abortable connection) {
                    connection.abort(); // instead of reading the rest, which may have no end
                }
            }
            return plain;
        }

        @Override
        public int read() throws IOException {
            return plain().read();
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            return plain().read(target, from, length);
        }

        @Override
        public void close() throws IOException {
            answer.close();
        }
    }

    /** Some proxies compress errors without having been asked to. */
    private static byte[] unzipped(byte[] body, int maxBytes) {
        if (body.length < 2 || body[0] != 0x1f || (body[1] & 0xff) != 0x8b) {
            return body;
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return in.readNBytes(maxBytes);
        } catch (IOException e) {
            return new byte[0];
        }
    }
}
