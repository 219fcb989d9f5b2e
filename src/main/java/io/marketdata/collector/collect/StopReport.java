package io.marketdata.collector.collect;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.spool.Backlog;

/**
 * What a run has left behind, for its last log line.
 *
 * @param recorded number of trades written to the spool in this run
 * @param uploaded number of parts that the bucket confirmed in this run
 * @param quarantined number of lines that this run set aside as damaged
 * @param queued number of parts that the uploader knows and the bucket has not confirmed
 * @param failure why the last upload failed; empty if it did not
 * @param backlog what is on the disk
 */
record StopReport(long recorded, long uploaded, long quarantined, long queued, String failure, Backlog backlog) {

    /** Number of parts that are left for the next start. */
    long left() {
        return Math.max(queued, backlog.parts());
    }

    /** Whether the operator need not look: nothing is left, nothing is unknown, nothing was set aside. */
    boolean isClean() {
        return left() == 0 && backlog.isEmpty() && quarantined == 0 && (recorded == 0 || uploaded > 0);
    }

    /** The line, without a full stop. */
    String text(String bucket, Object localDir) {
        StringBuilder text = new StringBuilder();
        if (left() > 0) {
            text.append(LogText.count(left(), "part")).append(" left in ").append(localDir);
            text.append(", to be uploaded by the next start");
            text.append(uploaded > 0 ? "" : "; nothing was uploaded to " + bucket);
            text.append(failure.isEmpty() ? "" : "; the last upload failed: " + failure);
        } else if (!backlog.unreadable().isEmpty()) {
            text.append("whether something is left in ").append(localDir).append(" is not known: ");
            text.append(String.join("; ", backlog.unreadable()));
        } else if (recorded > 0 && uploaded == 0) {
            text.append(LogText.count(recorded, "trade"))
                    .append(" were recorded, but neither ")
                    .append(bucket);
            text.append(" nor ").append(localDir).append(" has a part of them; look below quarantine/ there");
        } else if (recorded > 0) {
            text.append("everything recorded")
                    .append(quarantined > 0 ? ", damaged lines aside," : "")
                    .append(" is in ")
                    .append(bucket);
        } else {
            text.append("nothing was recorded");
            text.append(uploaded > 0 ? "; uploaded " + LogText.count(uploaded, "part") + " to " + bucket : "");
        }
        if (quarantined > 0) {
            text.append("; ")
                    .append(LogText.count(quarantined, "damaged line"))
                    .append(" in quarantine, see spool check");
        }
        if (backlog.unparsed() > 0) {
            text.append("; ").append(LogText.count(backlog.unparsed(), "file"));
            text.append(" of messages that were not understood left in ").append(localDir);
        }
        return text.toString();
    }
}
