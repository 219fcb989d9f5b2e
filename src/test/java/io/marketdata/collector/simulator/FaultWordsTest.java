package io.marketdata.collector.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Symbol;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FaultWordsTest {

    /** One of each kind, with every value set. */
    static Stream<Fault> everyFault() {
        return Stream.of(Fault.class.getDeclaredClasses())
                .filter(kind -> kind.isRecord() && Fault.class.isAssignableFrom(kind))
                .map(FaultWordsTest::example);
    }

    @ParameterizedTest
    @MethodSource("everyFault")
    void everyFaultReadsAsPlainText(Fault fault) {
        assertThat(FaultWords.of(fault))
                .matches("[a-z][a-z ]*( \\(.+\\))?")
                .doesNotContain("[", "=", "null", "PT", "Optional", Integer.toString(Integer.MAX_VALUE));
    }

    private static Fault example(Class<?> kind) {
        RecordComponent[] components = kind.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(types).map(FaultWordsTest::value).toArray();
        try {
            return (Fault) kind.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private static Object value(Class<?> type) {
        if (type == Duration.class) {
            return Duration.ofMillis(250);
        }
        if (type == Target.class) {
            return Target.ALL;
        }
        if (type == Extent.class) {
            return Extent.lasting(Duration.ofSeconds(10));
        }
        if (type == Symbol.class) {
            return Symbol.of("BTCUSDT");
        }
        if (type == String.class) {
            return "text";
        }
        if (type == boolean.class) {
            return true;
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        return type == long.class ? (Object) 3L : (Object) 3;
    }
}
