package io.marketdata.collector.collect;

import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.WakeUp;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RestException;
import io.marketdata.collector.rest.SymbolWatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks before the start that the exchange knows the symbols: it accepts a stream of an unknown symbol and never sends
 * anything on it (JKorf/Binance.Net issue 620).
 *
 * <p>What the exchange answers is a fact of the world and may change; a wrong setting is what an operator must correct.
 * So only a start that could record nothing is refused: the exchange says twice that it knows none of the symbols, and
 * none of them was ever recorded here. In every other case recording starts, and {@link SymbolWatch} continues.
 */
final class SymbolCheck {

    /** Between the two answers that a refusal needs. */
    static final Duration SECOND_LOOK = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(SymbolCheck.class);

    private SymbolCheck() {}

    /**
     * Only warns about unknown symbols beside known ones, about symbols that are not traded now, and about an exchange
     * that does not answer.
     *
     * @param recorded the symbols of which the spool has a directory
     * @param secondLook the time before the second request
     * @return the exchange's status of each symbol; empty if it did not answer
     */
    static Map<Symbol, String> atStart(
            List<Symbol> symbols, Set<Symbol> recorded, BinanceRest rest, Duration secondLook)
            throws InterruptedException, UnknownSymbolException {
        Map<Symbol, String> status = ask(symbols, rest);
        if (isNothingKnown(status) && symbols.stream().noneMatch(recorded::contains)) {
            new WakeUp().await(secondLook);
            status = ask(symbols, rest);
            if (isNothingKnown(status)) {
                throw new UnknownSymbolException(symbols);
            }
        }
        status.entrySet().stream()
                .filter(each -> !each.getValue().equals("TRADING"))
                .collect(Collectors.groupingBy(
                        Map.Entry::getValue, Collectors.mapping(Map.Entry::getKey, Collectors.toList())))
                .forEach(SymbolWatch::warn);
        return status;
    }

    private static Map<Symbol, String> ask(List<Symbol> symbols, BinanceRest rest) throws InterruptedException {
        try {
            return rest.status(symbols);
        } catch (RestException e) {
            LOG.warn("Could not verify the symbols with the exchange, starting anyway: {}", e.getMessage());
            return Map.of();
        }
    }

    private static boolean isNothingKnown(Map<Symbol, String> status) {
        return !status.isEmpty() && status.values().stream().allMatch(BinanceRest.UNKNOWN::equals);
    }
}
