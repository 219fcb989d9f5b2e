package io.marketdata.collector.certificate;

import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Checks a certificate against itself, without a bucket: its digests, its signature, and whether its numbers agree. Pure. */
public final class CertificateCheck {

    private final Certificate certificate;
    private final Statement statement;
    private final List<String> differences = new ArrayList<>();

    private CertificateCheck(Certificate certificate) {
        this.certificate = certificate;
        this.statement = certificate.statement();
    }

    /**
     * What does not agree, the most telling first; empty if everything does.
     *
     * @param publicKey whose signature is required, 64 hexadecimal digits; null if none is. A signature that is there is
     *     checked anyway
     */
    public static List<String> differences(Certificate certificate, @Nullable String publicKey) {
        CertificateCheck check = new CertificateCheck(certificate);
        check.bindings();
        check.signature(publicKey);
        check.parts();
        check.totals();
        return check.differences;
    }

    private void require(boolean holds, String difference) {
        if (!holds) {
            differences.add(difference);
        }
    }

    private void bindings() {
        require(
                Sha256.of(certificate.canonicalBytes()).hex().equals(certificate.digest()),
                "the statement was changed: its digest is another one");
        require(
                certificate.root().hex().equals(statement.root()),
                "the list of parts was changed: the root of their tree is another one");
    }

    private void signature(@Nullable String publicKey) {
        Ed25519Signature signature = certificate.signature();
        if (signature == null) {
            require(publicKey == null, "it is not signed, and a signature by " + publicKey + " is required");
            return;
        }
        require(
                publicKey == null || publicKey.equals(signature.publicKey()),
                "it is signed by " + signature.publicKey() + ", not by " + publicKey);
        require(signature.isOf(certificate.canonicalBytes()), "the signature is not one of this statement by this key");
    }

    private void parts() {
        require(
                certificate.parts().size() == statement.parts(),
                "it lists " + certificate.parts().size() + " parts and states " + statement.parts());
        String before = "";
        for (CertifiedPart part : certificate.parts()) {
            Optional<PartName> name = part.nameIn(statement.tradedSymbol());
            boolean isIn =
                    name.isPresent() && statement.period().contains(name.get().epochMs());
            require(isIn, shown(part) + " is not the key of a part of this symbol and period");
            require(before.compareTo(part.key()) < 0, shown(part) + " is not in the order of the keys");
            boolean isPossible = part.idLast() >= part.idFirst()
                    && part.idFirst() >= statement.idFirst()
                    && part.idLast() <= statement.idLast()
                    && part.count() >= 1
                    && part.bytes() >= 1;
            require(isPossible, shown(part) + " has ids or numbers that cannot be");
            before = part.key();
        }
        Set<String> excluded = new HashSet<>(statement.excluded());
        require(
                certificate.parts().stream().noneMatch(part -> excluded.contains(part.key())),
                "a part is listed and excluded as well");
    }

    private static String shown(CertifiedPart part) {
        return LogText.of(part.key(), 200);
    }

    private void totals() {
        IdRanges all = IdRanges.of(statement.idFirst(), statement.idLast());
        IdRanges missing = statement.missingIds();
        IdRanges spanned = IdRanges.of(certificate.parts().stream()
                .filter(part -> part.idFirst() >= 0 && part.idLast() >= part.idFirst())
                .map(part -> new IdRange(part.idFirst(), part.idLast()))
                .toList());
        require(
                !spanned.isEmpty() && spanned.first() == all.first() && spanned.last() == all.last(),
                "the first and the last id are not those of the parts");
        require(all.minus(spanned).minus(missing).isEmpty(), "ids between the parts are not among the gaps");
        require(
                statement.trades() == all.minus(missing).count(),
                "the number of trades is not that of the ids without the gaps");
        require(statement.missing() == missing.count(), "the number of missing trades is not that of the gaps");
        require(
                !statement.saysComplete() || (missing.isEmpty() && statement.problems() == 0),
                "it states complete, and gaps or problems");
        long held = statement.heldBy().stream().mapToLong(Long::longValue).sum();
        require(
                held == statement.trades()
                        && statement.heldBy().size() == statement.instances().size(),
                "held_by does not add up to the trades");
        instances();
    }

    private void instances() {
        Map<String, Long> found = new TreeMap<>();
        certificate.parts().stream()
                .flatMap(part -> part.nameIn(statement.tradedSymbol()).stream())
                .forEach(name -> found.merge(name.instance().value(), 1L, Long::sum));
        Map<String, Long> stated = new TreeMap<>();
        statement.instances().stream()
                .filter(instance -> instance.parts() > 0)
                .forEach(instance -> stated.merge(instance.instanceId(), instance.parts(), Long::sum));
        require(found.equals(stated), "the parts of the instances are not those listed");
        long held = 0;
        for (int i = 0; i < statement.heldBy().size(); i++) {
            held += (i + 1) * statement.heldBy().get(i);
        }
        require(
                held
                        == statement.instances().stream()
                                .mapToLong(Statement.Holder::trades)
                                .sum(),
                "the trades of the instances do not add up to held_by");
    }
}
