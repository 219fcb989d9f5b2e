package io.marketdata.collector.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;

/**
 * Counts the weight of REST requests per calendar minute and refuses requests above the limit: first with 429, and a client
 * that continues anyway is banned with 418 (Binance rest-api.md, 2026-07, "IP Limits": 6,000 a minute). Any thread.
 */
final class RequestWeight {

    static final int LIMIT = 6_000;
    private static final int REFUSALS_BEFORE_BAN = 10;
    private static final long MINUTE_MS = 60_000;
    private static final long FIRST_BAN_MS = 2 * MINUTE_MS;

    private final Time time;

    @GuardedBy("this")
    private long minute;

    @GuardedBy("this")
    private int used;

    @GuardedBy("this")
    private int refusals;

    @GuardedBy("this")
    private long bannedUntilMs;

    /**
     * The decision on one request.
     *
     * @param status 200, 429 or 418
     * @param used weight of this minute, including this request
     * @param retryAfterSeconds how long to wait if refused
     */
    record Verdict(int status, int used, long retryAfterSeconds, long bannedUntilMs) {}

    RequestWeight(Time time) {
        this.time = time;
    }

    /** Weight used in this minute so far. */
    synchronized int used() {
        return time.epochMillis() / MINUTE_MS == minute ? used : 0;
    }

    synchronized Verdict spend(int weight) {
        long now = time.epochMillis();
        if (now < bannedUntilMs) {
            return new Verdict(418, used, (bannedUntilMs - now + 999) / 1_000, bannedUntilMs);
        }
        if (now / MINUTE_MS != minute) {
            minute = now / MINUTE_MS;
            used = 0;
            refusals = 0;
        }
        used += weight;
        if (used <= LIMIT) {
            return new Verdict(200, used, 0, 0);
        }
        if (++refusals > REFUSALS_BEFORE_BAN) {
            bannedUntilMs = now + FIRST_BAN_MS;
            return new Verdict(418, used, FIRST_BAN_MS / 1_000, bannedUntilMs);
        }
        return new Verdict(429, used, (MINUTE_MS - now % MINUTE_MS + 999) / 1_000, 0);
    }
}
