package io.marketdata.collector.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds variables of the environment that are probably misspelt settings. The environment holds many names of other
 * programs, so unlike in our own files an unknown name is a warning, and only if it is close to a setting.
 */
final class MisspeltName {

    private static final int MOST_EDITS = 2;

    /** Below this a word with two edits is another word: {@code HTTP_HOST}, {@code DB_URL}, {@code SMTP_PORT}. */
    private static final int LONG_WORD = 5;

    /** Names of others that are one or two letters away from a setting. */
    private static final Set<String> WELL_KNOWN = Set.of(
            "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "HTTPS_PORT", "TEST_URL", "DEST_URL", "INSTANCE_IP");

    /** What people put before a name to keep the settings of several programs apart. */
    private static final Pattern PREFIX = Pattern.compile("^(?:MARKET_)?(?:COLLECTOR|DATA|BINANCE)_(?=.)");

    /** What Kubernetes sets for a service (kubernetes.io, "Accessing the Service", environment variables). */
    private static final Pattern SERVICE_ADDRESS = Pattern.compile("(?:tcp|udp|sctp)://.*");

    private MisspeltName() {}

    /** The setting that a variable probably means; empty if it is a setting itself or not close to one. */
    static Optional<String> of(String name, String value, Collection<String> settings) {
        String upper = name.toUpperCase(Locale.ROOT).replace('-', '_');
        if (settings.contains(name)
                || WELL_KNOWN.contains(upper)
                || SERVICE_ADDRESS.matcher(value).matches()) {
            return Optional.empty();
        }
        String bare = PREFIX.matcher(upper).replaceFirst("");
        if (settings.contains(bare)) {
            return Optional.of(bare);
        }
        return settings.stream()
                .filter(setting -> isClose(upper, setting))
                .min(Comparator.comparingInt(setting -> NearestName.edits(upper, setting)));
    }

    private static boolean isClose(String name, String setting) {
        if (Math.abs(name.length() - setting.length()) > MOST_EDITS) {
            return false;
        }
        int edits = NearestName.edits(name, setting);
        return edits < MOST_EDITS || (edits == MOST_EDITS && !isAnotherWord(name, setting));
    }

    /** Whether both edits are in one short word. */
    private static boolean isAnotherWord(String name, String setting) {
        List<String> words = List.of(name.split("_", -1));
        List<String> others = List.of(setting.split("_", -1));
        if (words.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < words.size(); i++) {
            if (others.get(i).length() < LONG_WORD && NearestName.edits(words.get(i), others.get(i)) >= MOST_EDITS) {
                return true;
            }
        }
        return false;
    }
}
