package io.marketdata.collector.certificate;

import io.marketdata.collector.audit.DayReport;
import io.marketdata.collector.audit.Edge;
import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.audit.Part;
import io.marketdata.collector.audit.Period;
import io.marketdata.collector.model.BuildInfo;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import java.util.List;
import java.util.Locale;

/**
 * What a certificate states, and what is signed. The members of its JSON object are these, in snake case;
 * docs/CERTIFICATE.md is their reference. It names no bucket, so that it is true of every copy of the parts.
 *
 * @param createdAtMs ms since 1970 UTC
 * @param fromMs as in {@link Period}
 * @param toMs as in {@link Period}
 * @param deep whether every part was read when this was stated; otherwise its digest and ids are those of its manifest
 * @param trades how many distinct ids the parts hold
 * @param missing how many ids the gaps have
 * @param gaps pairs of the first and last id
 * @param heldBy the number of trades that exactly {@code i + 1} instances hold, at index {@code i}
 * @param excluded the keys of parts that were there and are not among the leaves, because they are damaged or not committed
 * @param parts the number of leaves
 * @param root of their tree, 64 lower-case hexadecimal digits
 */
public record Statement(
        String type,
        String version,
        String program,
        long createdAtMs,
        String exchange,
        String stream,
        String symbol,
        long fromMs,
        long toMs,
        String verdict,
        boolean deep,
        long idFirst,
        long idLast,
        long trades,
        long missing,
        List<List<Long>> gaps,
        List<Long> heldBy,
        List<Holder> instances,
        Side before,
        Side after,
        long problems,
        long repaired,
        List<String> excluded,
        long parts,
        String root) {

    static final String TYPE = "certificate of recorded trades";
    static final String VERSION = "1";
    static final String EXCHANGE = "binance";
    static final String STREAM = "trade";

    private static final String COMPLETE = "complete";
    private static final String INCOMPLETE = "incomplete";

    /**
     * Checks the form.
     *
     * @throws IllegalArgumentException if it is not one that this program understands
     */
    public Statement {
        if (!type.equals(TYPE) || !version.equals(VERSION)) {
            throw new IllegalArgumentException("a certificate of another version than " + VERSION);
        }
        if (!exchange.equals(EXCHANGE) || !stream.equals(STREAM)) {
            throw new IllegalArgumentException("not about trades of " + EXCHANGE);
        }
        if (!verdict.equals(COMPLETE) && !verdict.equals(INCOMPLETE)) {
            throw new IllegalArgumentException("a verdict that is neither complete nor incomplete");
        }
        gaps = gaps.stream().map(List::copyOf).toList();
        heldBy = List.copyOf(heldBy);
        instances = List.copyOf(instances);
        excluded = List.copyOf(excluded);
        // The symbol, the period and the names are what they must be.
        new Symbol(symbol);
        new Period(fromMs, toMs);
        instances.forEach(holder -> new InstanceId(holder.instanceId));
        new Sha256(root);
        new IdRange(idFirst, idLast);
        ranges(gaps);
    }

    /**
     * An instance.
     *
     * @param parts among the leaves
     * @param trades how many distinct ids they hold
     */
    public record Holder(String instanceId, long parts, long trades) {}

    /**
     * How the period joins what is recorded next to it.
     *
     * @param state {@code joined}, {@code gap} or {@code open}
     * @param id the nearest one beyond it; -1 if nothing is recorded there
     */
    public record Side(String state, long id) {
        private static Side of(Edge edge) {
            return new Side(word(edge.state()), edge.neighbourId());
        }
    }

    /**
     * States a report.
     *
     * @param report with at least one sound part, and a verdict
     * @param root of the tree of these leaves
     */
    static Statement of(DayReport report, boolean deep, long nowMs, List<CertifiedPart> leaves, Sha256 root) {
        List<Long> heldBy = report.coverage().trades();
        return new Statement(
                TYPE,
                VERSION,
                "collector " + BuildInfo.software().version(),
                nowMs,
                EXCHANGE,
                STREAM,
                report.symbol().value(),
                report.period().fromMs(),
                report.period().toMs(),
                word(report.verdict()),
                deep,
                report.ids().first(),
                report.ids().last(),
                report.ids().count(),
                report.missing(),
                report.gaps().stream().map(gap -> pair(gap.ids())).toList(),
                heldBy.subList(1, heldBy.size()),
                report.instances().stream().map(each -> holder(each, report)).toList(),
                Side.of(report.before()),
                Side.of(report.after()),
                report.problems().size(),
                report.repaired().size(),
                report.parts().stream()
                        .filter(part -> !part.isSound())
                        .map(Part::key)
                        .toList(),
                leaves.size(),
                root.hex());
    }

    private static Holder holder(DayReport.InstanceReport instance, DayReport report) {
        long parts = report.parts().stream()
                .filter(part -> part.isSound() && part.name().instance().equals(instance.instance()))
                .count();
        return new Holder(instance.instance().value(), parts, instance.ids().count());
    }

    private static List<Long> pair(IdRange range) {
        return List.of(range.first(), range.last());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    public Period period() {
        return new Period(fromMs, toMs);
    }

    Symbol tradedSymbol() {
        return new Symbol(symbol);
    }

    /** Whether it states that every trade of the period is there. */
    public boolean saysComplete() {
        return verdict.equals(COMPLETE);
    }

    IdRanges missingIds() {
        return ranges(gaps);
    }

    private static IdRanges ranges(List<List<Long>> pairs) {
        return IdRanges.of(pairs.stream().map(Statement::range).toList());
    }

    private static IdRange range(List<Long> pair) {
        if (pair.size() != 2) {
            throw new IllegalArgumentException("a gap that is not a pair of ids");
        }
        return new IdRange(pair.get(0), pair.get(1));
    }
}
