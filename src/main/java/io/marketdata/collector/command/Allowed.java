package io.marketdata.collector.command;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The range of an option's value, both ends allowed, written as the option takes it: {@code 1}, {@code 0.1}, {@code 30s}. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Allowed {
    String least();

    String most();
}
