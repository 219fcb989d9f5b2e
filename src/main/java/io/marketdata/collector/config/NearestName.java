package io.marketdata.collector.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a misspelt one probably means. */
public final class NearestName {

    private NearestName() {}

    /** The known name closest to {@code name}; empty if none is close. */
    public static Optional<String> of(String name, Collection<String> known) {
        String wanted = normal(name);
        return known.stream()
                .filter(candidate -> distance(wanted, candidate) <= Math.max(2, wanted.length() / 4))
                .min(Comparator.comparingInt(candidate -> distance(wanted, candidate)));
    }

    /** Compares the whole path, and the last word alone for a key in the wrong section. */
    private static int distance(String wanted, String candidate) {
        String other = normal(candidate);
        int whole = edits(wanted, other);
        return lastWord(other).equals(lastWord(wanted)) ? Math.min(whole, 1) : whole;
    }

    private static String normal(String name) {
        return name.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    private static String lastWord(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Damerau-Levenshtein distance: letters inserted, left out, replaced, or swapped with their neighbour. */
    static int edits(String a, String b) {
        int[] last = new int[0];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] next = new int[b.length() + 1];
            next[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = row[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                next[j] = Math.min(replaced, 1 + Math.min(row[j], next[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    next[j] = Math.min(next[j], last[j - 2] + 1);
                }
            }
            last = row;
            row = next;
        }
        return row[b.length()];
    }
}
