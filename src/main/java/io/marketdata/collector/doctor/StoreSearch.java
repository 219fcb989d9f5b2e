package io.marketdata.collector.doctor;

import io.marketdata.collector.config.StoreTarget;
import io.marketdata.collector.route.S3Dialect;
import io.marketdata.collector.route.S3Dialect.Addressing;
import io.marketdata.collector.route.S3Dialect.Checksum;
import io.marketdata.collector.route.S3Dialect.ConditionalPut;
import io.marketdata.collector.route.S3Dialect.Encryption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Looks for the dialect of a bucket that refuses the one of the settings. Begins with dialects that ask for little, so
 * that one is found whatever the store does not support, and then asks for more, one header at a time: at most 18 tries
 * and 6, where all combinations would be 54. One thread.
 */
final class StoreSearch {

    private final StoreTarget.S3 target;
    private final Predicate<S3Dialect> accepts;
    private int tries;

    /** @param accepts whether the store works in a dialect */
    StoreSearch(StoreTarget.S3 target, Predicate<S3Dialect> accepts) {
        this.target = target;
        this.accepts = accepts;
    }

    /** The dialect that the store accepts and that asks for the most; empty if there is none. */
    Optional<S3Dialect> find() {
        return undemanding().stream().filter(this::tried).findFirst().map(this::demanding);
    }

    /** Dialects that were tried. */
    int tries() {
        return tries;
    }

    private boolean tried(S3Dialect dialect) {
        tries++;
        return accepts.test(dialect);
    }

    /** A bucket's policy or a lock may demand what another store does not support. */
    private List<S3Dialect> undemanding() {
        List<S3Dialect> dialects = new ArrayList<>();
        for (Addressing addressing : addressings()) {
            for (Encryption encryption : List.of(Encryption.NONE, kms(), Encryption.AES256)) {
                dialects.add(new S3Dialect(encryption, addressing, ConditionalPut.CHECK, Checksum.NONE));
                dialects.add(new S3Dialect(encryption, addressing, ConditionalPut.REQUIRE, Checksum.SHA256));
                dialects.add(new S3Dialect(encryption, addressing, ConditionalPut.CHECK, Checksum.CONTENT_MD5));
            }
        }
        return dialects;
    }

    private List<Addressing> addressings() {
        Addressing present = target.dialect().addressing();
        if (target.endpoint() == null) {
            return List.of(present);
        }
        Addressing other = present == Addressing.VIRTUAL ? Addressing.PATH : Addressing.VIRTUAL;
        boolean possible =
                target.in(target.dialect().with(other)).addressingProblem().isEmpty();
        return possible ? List.of(present, other) : List.of(present);
    }

    private Encryption kms() {
        Encryption present = target.dialect().encryption();
        return Objects.equals(present.algorithm(), Encryption.KMS.algorithm()) ? present : Encryption.KMS;
    }

    private S3Dialect demanding(S3Dialect least) {
        S3Dialect found = least;
        Set<Encryption> encryptions =
                new LinkedHashSet<>(List.of(target.dialect().encryption(), Encryption.AES256));
        encryptions.remove(Encryption.NONE);
        if (least.encryption().equals(Encryption.NONE)) {
            found = first(found, encryptions.stream().map(found::with).toList());
        }
        if (found.conditionalPut() == ConditionalPut.CHECK) {
            found = first(found, List.of(found.with(ConditionalPut.REQUIRE)));
        }
        if (found.checksum() != Checksum.SHA256) {
            List<S3Dialect> stronger = new ArrayList<>(List.of(found.with(Checksum.SHA256)));
            if (found.checksum() == Checksum.NONE) {
                stronger.add(found.with(Checksum.CONTENT_MD5));
            }
            found = first(found, stronger);
        }
        return found;
    }

    /** The first of the wishes that the store accepts, or else what it is known to accept. */
    private S3Dialect first(S3Dialect known, List<S3Dialect> wishes) {
        return wishes.stream().filter(this::tried).findFirst().orElse(known);
    }
}
