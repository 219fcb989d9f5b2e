package io.marketdata.query.spark;

import java.io.Serializable;
import java.util.List;
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
}
