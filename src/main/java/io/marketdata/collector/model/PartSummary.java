package io.marketdata.collector.model;

/**
 * The content of a part in numbers.
 *
 * @param recordCount lines, at least 1
 * @param bytesUncompressed size of the lines with their newlines
 * @param timeMinMs lowest trade time {@code T}, ms since 1970 UTC
 * @param timeMaxMs highest trade time {@code T}, ms since 1970 UTC
 * @param idFirst lowest trade id {@code t}
 * @param idLast highest trade id {@code t}
 */
public record PartSummary(
        long recordCount, long bytesUncompressed, long timeMinMs, long timeMaxMs, long idFirst, long idLast) {

    public PartSummary {
        if (recordCount < 1 || bytesUncompressed < 1 || timeMaxMs < timeMinMs || idLast < idFirst) {
            throw new IllegalArgumentException("not the summary of a part: " + recordCount + " records, "
                    + bytesUncompressed + " bytes, times " + timeMinMs + " to " + timeMaxMs + ", ids " + idFirst
                    + " to " + idLast);
        }
    }
}
