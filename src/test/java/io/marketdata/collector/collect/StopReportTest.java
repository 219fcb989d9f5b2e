package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.spool.Backlog;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopReportTest {

    private static final Backlog NOTHING = new Backlog(0, 0, 1, true, List.of());

    @Test
    void everythingIsSaidOnlyWhenSomethingWasRecordedAndNothingIsLeft() {
        assertThat(text(new StopReport(10, 2, 0, 0, "", NOTHING))).isEqualTo("everything recorded is in s3://b");
        assertThat(text(new StopReport(0, 0, 0, 0, "", NOTHING))).isEqualTo("nothing was recorded");
        assertThat(text(new StopReport(0, 1, 0, 0, "", NOTHING)))
                .isEqualTo("nothing was recorded; uploaded 1 part to s3://b");
    }

    @Test
    void leftPartsAreCountedOnTheDiskAndInTheQueue() {
        StopReport queued = new StopReport(10, 2, 0, 1, "", NOTHING);
        assertThat(text(queued)).isEqualTo("1 part left in /spool, to be uploaded by the next start");
        StopReport onDisk = new StopReport(10, 2, 0, 0, "", new Backlog(2, 0, 1, true, List.of()));
        assertThat(text(onDisk)).isEqualTo("2 parts left in /spool, to be uploaded by the next start");
        assertThat(onDisk.isClean()).isFalse();
    }

    @Test
    void quarantineUnparsedMessagesAndUnreadableDirectoriesAreNotHidden() {
        StopReport damaged = new StopReport(10, 2, 1, 0, "", new Backlog(0, 3, 1, true, List.of()));
        assertThat(text(damaged))
                .isEqualTo(
                        "everything recorded, damaged lines aside, is in s3://b; 1 damaged line in quarantine, see spool check;"
                                + " 3 files of messages that were not understood left in /spool");
        assertThat(damaged.isClean()).isFalse();
        StopReport unknown = new StopReport(10, 2, 0, 0, "", new Backlog(0, 0, 1, true, List.of("/spool/x: denied")));
        assertThat(text(unknown)).isEqualTo("whether something is left in /spool is not known: /spool/x: denied");
        assertThat(unknown.isClean()).isFalse();
    }

    @Test
    void aBucketThatWasNeverReachedIsNamedWithItsLastAnswer() {
        StopReport refused = new StopReport(10, 0, 0, 2, "no such bucket", NOTHING);
        assertThat(text(refused))
                .isEqualTo("2 parts left in /spool, to be uploaded by the next start; nothing was uploaded to s3://b;"
                        + " the last upload failed: no such bucket");
        StopReport gone = new StopReport(10, 0, 0, 0, "", NOTHING);
        assertThat(text(gone)).contains("10 trades were recorded", "neither s3://b nor /spool has");
        assertThat(gone.isClean()).isFalse();
    }

    private static String text(StopReport report) {
        return report.text("s3://b", "/spool");
    }
}
