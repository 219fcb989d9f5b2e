package io.marketdata.collector;

/** Entry. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {}
}
