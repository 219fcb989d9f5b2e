package io.marketdata.collector.audit;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The parts next to a period: those of the last minute before it that holds any, or of the first one after it.
 *
 * @param parts sound ones
 * @param absence why there are none; empty if there are
 */
record Neighbour(List<Part> parts, String absence) {

    /** The ids that they hold. */
    IdRanges ids() {
        return IdRanges.union(parts.stream().map(Part::ids).toList());
    }

    /** Looks for them. */
    static final class Search {
        private final ObjectStore store;
        private final Symbol symbol;
        private final Period period;
        private final @Nullable InstanceId instance;

        Search(ObjectStore store, Symbol symbol, Period period, @Nullable InstanceId instance) {
            this.store = store;
            this.symbol = symbol;
            this.period = period;
            this.instance = instance;
        }

        Neighbour before() throws StoreException {
            return find(false);
        }

        Neighbour after() throws StoreException {
            return find(true);
        }

        private Neighbour find(boolean isAfter) throws StoreException {
            LocalDate nearest = day(isAfter ? period.toMs() : period.fromMs() - 1);
            List<String> days = new ArrayList<>(store.folders(KeyLayout.symbol(symbol)));
            order(days, isAfter);
            for (String folder : days) {
                @Nullable LocalDate day = day(folder);
                if (day == null || (isAfter ? day.isBefore(period.day()) : day.isAfter(period.day()))) {
                    continue;
                }
                List<Part> parts = parts(KeyLayout.symbol(symbol) + folder + "/", day, isAfter);
                if (parts.isEmpty()) {
                    continue;
                }
                return day.equals(nearest) || day.equals(period.day())
                        ? new Neighbour(parts, "")
                        : new Neighbour(
                                List.of(),
                                "nothing is recorded on " + nearest + "; the next day with trades is " + day);
            }
            return new Neighbour(List.of(), isAfter ? "nothing is recorded after it" : "the recording begins here");
        }

        private List<Part> parts(String folder, LocalDate day, boolean isAfter) throws StoreException {
            List<String> hours = new ArrayList<>(store.folders(folder));
            order(hours, isAfter);
            for (String hour : hours) {
                List<String> minutes = new ArrayList<>(store.folders(folder + hour + "/"));
                order(minutes, isAfter);
                for (String minute : minutes) {
                    long ms = ms(day, hour, minute);
                    if (ms < 0 || (isAfter ? ms < period.toMs() : ms >= period.fromMs())) {
                        continue;
                    }
                    List<Part> parts = read(folder + hour + "/" + minute + "/", ms);
                    if (!parts.isEmpty()) {
                        return parts;
                    }
                }
            }
            return List.of();
        }

        private List<Part> read(String folder, long ms) throws StoreException {
            Period minute = new Period(ms, ms + Period.MINUTE_MS);
            DayListing listing = new DayListing(store, symbol, minute, instance);
            listing.add(folder);
            PartReader reader =
                    new PartReader(store, symbol, listing, new ConcurrentHashMap<>(), false, problem -> {}, row -> {});
            List<Part> parts = new ArrayList<>();
            for (DayListing.Entry entry : listing.entries()) {
                Part part = reader.read(entry);
                if (part.isSound()) {
                    parts.add(part);
                }
            }
            return parts;
        }

        private static void order(List<String> names, boolean ascending) {
            Collections.sort(names);
            if (!ascending) {
                Collections.reverse(names);
            }
        }

        private static LocalDate day(long ms) {
            return Instant.ofEpochMilli(ms).atZone(ZoneOffset.UTC).toLocalDate();
        }

        private static @Nullable LocalDate day(String folder) {
            try {
                return folder.startsWith("dt=") ? LocalDate.parse(folder.substring(3)) : null;
            } catch (DateTimeParseException e) {
                return null;
            }
        }

        /** -1 if the folders are not those of a minute. */
        private static long ms(LocalDate day, String hour, String minute) {
            return hour.matches("[01][0-9]|2[0-3]") && minute.matches("[0-5][0-9]")
                    ? Period.day(day).fromMs()
                            + Integer.parseInt(hour) * Period.HOUR_MS
                            + Integer.parseInt(minute) * Period.MINUTE_MS
                    : -1;
        }
    }
}
