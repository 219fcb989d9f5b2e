package io.marketdata.collector.store;

import io.marketdata.collector.model.LogText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * An error that the store answered: its status and its own words.
 *
 * @param code S3's error code; "" if there is none, as in the answer to a HEAD
 */
record S3Answer(
        int status, String code, ErrorBody words, @Nullable AwsErrorDetails details) {

    /** Characters of the store's message. AWS's longest, of a policy that denies, name a role and a resource. */
    private static final int MAX_MESSAGE_CHARS = 300;

    /** Keys, signatures and tokens: at least 16 of the characters of Base64 in a row, with a digit among them. */
    private static final Pattern OPAQUE = Pattern.compile("\\b(?=[A-Za-z+/=]*[0-9])[A-Za-z0-9+/=]{16,}");

    static S3Answer of(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        String code = details == null || details.errorCode() == null ? "" : details.errorCode();
        byte[] body = details == null || details.rawResponse() == null
                ? new byte[0]
                : details.rawResponse().asByteArray();
        return new S3Answer(e.statusCode(), code, ErrorBody.of(body), details);
    }

    boolean isWebPage() {
        return words.get("Code").equals(ErrorBody.HTML);
    }

    /** A header, cut to be printed. */
    Optional<String> header(String name) {
        return details == null || details.sdkHttpResponse() == null
                ? Optional.empty()
                : details.sdkHttpResponse().firstMatchingHeader(name).map(LogText::of);
    }

    /** Everything that the store says, in lower case, to find words in. */
    String text() {
        return String.join(" ", code, words.get("Message"), words.get("Header"), words.get("ArgumentName"))
                .toLowerCase(Locale.ROOT);
    }

    /** The status, the code and the store's words, cut and escaped. */
    String describe() {
        String named = isWebPage() ? "with an HTML page" : code.isEmpty() ? "without an error code" : LogText.of(code);
        String message = words.get("Message");
        return "HTTP " + status + " " + named
                + (message.isEmpty() ? "" : ", \"" + LogText.of(masked(message), MAX_MESSAGE_CHARS) + "\"")
                + subjects();
    }

    /** Stores repeat what they were sent: keys and tokens are not for logs, health and support bundles. */
    private static String masked(String words) {
        return OPAQUE.matcher(words).replaceAll("***");
    }

    private String subjects() {
        List<String> subjects = new ArrayList<>();
        for (String element : List.of("Header", "ArgumentName", "ArgumentValue", "BucketName", "Region", "Endpoint")) {
            if (!words.get(element).isEmpty()) {
                subjects.add(element + " " + LogText.of(masked(words.get(element)), 80));
            }
        }
        return subjects.isEmpty() ? "" : " (" + String.join(", ", subjects) + ")";
    }
}
