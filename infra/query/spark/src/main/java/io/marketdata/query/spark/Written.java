package io.marketdata.query.spark;

import io.marketdata.collector.model.IdRange;
import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The file of an hour. Public, because Spark carries only public classes from executors to the driver.
 *
 * @param hour its number in the Spark job
 * @param idFirst null in bars, and without trades
 * @param gaps pairs of ids: missing between the trade before the hour and its last one
 */
public record Written(
        int hour,
        long rows,
        long bytes,
        String sha256,
        @Nullable Long idFirst,
        @Nullable Long idLast,
        List<Long> gaps) implements Serializable {

    public Written {
        gaps = List.copyOf(gaps);
    }

    /** The gaps as ranges. */
    List<IdRange> missing() {
        return IntStream.range(0, gaps.size() / 2)
                .mapToObj(i -> new IdRange(gaps.get(2 * i), gaps.get(2 * i + 1)))
                .toList();
    }
}
