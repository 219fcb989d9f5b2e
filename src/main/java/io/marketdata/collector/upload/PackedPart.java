package io.marketdata.collector.upload;

import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.Spool;

/**
 * A part in the very bytes that will be stored, with its manifest. Held in memory while it is being put, so that every
 * attempt sends the same bytes.
 */
final class PackedPart {

    private final Spool spool;
    private final PartName name;
    private final byte[] gzip;
    private final Manifest manifest;
    private final byte[] manifestJson;

    /** @param manifestJson the manifest as it waits in the spool; sent as it is, so that every attempt is the same */
    PackedPart(Spool spool, PartName name, byte[] gzip, Manifest manifest, byte[] manifestJson) {
        this.spool = spool;
        this.name = name;
        this.gzip = gzip;
        this.manifest = manifest;
        this.manifestJson = manifestJson;
    }

    Spool spool() {
        return spool;
    }

    PartName name() {
        return name;
    }

    byte[] gzip() {
        return gzip;
    }

    Manifest manifest() {
        return manifest;
    }

    byte[] manifestJson() {
        return manifestJson;
    }
}
