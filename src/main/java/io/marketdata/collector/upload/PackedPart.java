package io.marketdata.collector.upload;

import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.Spool;

/**
 * The exact bytes of a part and its manifest as they will be stored. Held in memory during an upload, so that every
 * attempt sends the same bytes.
 */
final class PackedPart {

    final Spool spool;
    final PartName name;
    final byte[] gzip;
    final Manifest manifest;

    /** The manifest as it is in the spool, sent unchanged. */
    final byte[] manifestJson;

    PackedPart(Spool spool, PartName name, byte[] gzip, Manifest manifest, byte[] manifestJson) {
        this.spool = spool;
        this.name = name;
        this.gzip = gzip;
        this.manifest = manifest;
        this.manifestJson = manifestJson;
    }
}
