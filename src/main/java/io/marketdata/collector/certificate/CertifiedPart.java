package io.marketdata.collector.certificate;

import io.marketdata.collector.audit.Part;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import java.util.Objects;
import java.util.Optional;

/**
 * A part that a certificate covers: a leaf of its tree. The members of its JSON object are these, in snake case.
 *
 * @param sha256 of the object as stored, 64 lower-case hexadecimal digits
 * @param bytes its size as stored
 * @param idFirst the least trade id
 * @param idLast the greatest trade id
 * @param count lines
 */
public record CertifiedPart(String key, String sha256, long bytes, long idFirst, long idLast, long count) {

    private static final String SUFFIX = ".jsonl.gz";

    /** @param part a sound one */
    static CertifiedPart of(Part part) {
        PartSummary summary = Objects.requireNonNull(part.summary(), "a sound part has a manifest");
        String sha256 = Objects.requireNonNull(part.sha256(), "a sound part has a manifest")
                .hex();
        return new CertifiedPart(
                part.key(), sha256, part.bytes(), summary.idFirst(), summary.idLast(), summary.recordCount());
    }

    /** The name of the part with this key; empty if it is not the key of a part. */
    static Optional<PartName> nameOf(String key) {
        return key.endsWith(SUFFIX)
                ? PartName.parse(key.substring(key.lastIndexOf('/') + 1, key.length() - SUFFIX.length()))
                : Optional.empty();
    }

    /** The name of this part; empty if a collector does not give its key to a part of this symbol. */
    Optional<PartName> nameIn(Symbol symbol) {
        return nameOf(key).filter(name -> KeyLayout.part(symbol, name).equals(key));
    }
}
