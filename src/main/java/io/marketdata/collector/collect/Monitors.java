package io.marketdata.collector.collect;

import io.marketdata.collector.cloudwatch.CloudWatchOptions;
import io.marketdata.collector.cloudwatch.Publisher;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.health.HealthWatch;
import io.marketdata.collector.health.IntakeHealth;
import io.marketdata.collector.health.StorageHealth;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.process.Faults;
import io.marketdata.collector.status.Board;
import io.marketdata.collector.status.EventRing;
import io.marketdata.collector.status.StatusBoard;
import io.marketdata.collector.upload.UnparsedUpload;
import io.marketdata.collector.upload.Uploader;
import java.util.function.BooleanSupplier;

/** What watches a collector and publishes how it is. Recording never waits for any of it. */
record Monitors(HealthWatch health, StatusBoard board, EventRing events, Publisher cloudWatch) {

    /**
     * @param store its name, for people
     * @param stopping whether the process was asked to end
     */
    static Monitors of(
            Wiring wiring,
            String store,
            Spools spools,
            Uploader uploader,
            UnparsedUpload unparsed,
            Intake intake,
            Faults faults,
            BooleanSupplier stopping) {
        EventRing events = EventRing.listening();
        CollectorMetrics metrics = wiring.metrics();
        HealthWatch health = new HealthWatch(
                intakeHealth(wiring, spools, intake, stopping),
                new StorageHealth(uploader, unparsed, spools.space(), metrics.upload(), wiring.time()),
                faults,
                stopping,
                metrics.health(),
                wiring.time());
        StatusBoard board = new StatusBoard(
                about(wiring.settings(), store),
                intake.feed(),
                spools.live().bySymbol(),
                uploader,
                intake.restCycle().clock(),
                events,
                metrics.feed(),
                metrics.spool(),
                metrics.upload(),
                wiring.time());
        return new Monitors(health, board, events, cloudWatch(wiring.settings(), metrics));
    }

    /** Checks health and refreshes what the status page shows. To be called once a second. */
    void gather() {
        board.gather(health.look());
    }

    private static IntakeHealth intakeHealth(Wiring wiring, Spools spools, Intake intake, BooleanSupplier stopping) {
        return new IntakeHealth(
                intake.feed()::openConnections,
                intake.feed().expectedConnections(),
                () -> !spools.space().isFull() && !stopping.getAsBoolean(),
                intake.arbiters(),
                intake.budget(),
                intake.restCycle().clock(),
                intake.restCycle().symbols()::isUnknown,
                wiring.settings().feed().staleAfter(),
                wiring.settings().feed().maxLag(),
                wiring.metrics().feed(),
                wiring.metrics().spool(),
                spools.unparsed()::notKeptBecause,
                wiring.time());
    }

    private static Board.About about(Settings settings, String store) {
        return new Board.About(
                BuildInfo.software().version(),
                settings.instance().value(),
                store,
                settings.spool().rotateBytes(),
                settings.spool().rotateAge().toSeconds(),
                settings.spool().maxBytes());
    }

    private static Publisher cloudWatch(Settings settings, CollectorMetrics metrics) {
        return Publisher.toCloudWatch(
                metrics.all(),
                metrics.cloudWatch(),
                settings.symbols(),
                cloudWatchOptions(settings),
                Recording.awsClients(settings));
    }

    static CloudWatchOptions cloudWatchOptions(Settings settings) {
        return new CloudWatchOptions(
                settings.cloudWatch().namespace(), settings.cloudWatch().region(), CloudWatchOptions.CALL_TIMEOUT);
    }
}
