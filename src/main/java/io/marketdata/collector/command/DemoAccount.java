package io.marketdata.collector.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.audit.BucketCheck;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.process.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every stored trade checked against those that were issued. Numbers of trades.
 *
 * @param twice stored more than once
 */
record DemoAccount(long issued, long stored, long twice, long missing, List<String> problems, Path bucket) {

    static DemoAccount of(Symbol symbol, @Nullable IdRange issued, BucketCheck check, Path bucket) {
        long[] ids = check.ids(symbol);
        long[] distinct = Arrays.stream(ids).distinct().toArray();
        long wanted = issued == null ? 0 : issued.count();
        long found = issued == null
                ? 0
                : Arrays.stream(distinct)
                        .filter(id -> id >= issued.first() && id <= issued.last())
                        .count();
        return new DemoAccount(
                wanted, distinct.length, ids.length - distinct.length, wanted - found, check.problems(), bucket);
    }

    void print(PrintWriter out) {
        out.println("\ntrades issued " + issued);
        out.println("trades stored " + stored);
        out.println("stored twice " + twice);
        out.println("missing " + missing);
        problems.forEach(problem -> out.println("problem: " + problem));
        out.println("\nTo list the files: find " + bucket + " -type f");
        out.flush();
    }

    /** docs/COMMANDS.md is its reference. */
    String json() {
        ObjectNode document = new ObjectMapper().createObjectNode();
        document.put("issued", issued)
                .put("stored", stored)
                .put("stored_twice", twice)
                .put("missing", missing);
        problems.forEach(document.putArray("problems")::add);
        return document.put("bucket", bucket.toString()).toString();
    }

    ExitCode code() {
        boolean complete = missing == 0 && issued > 0 && stored == issued;
        return complete && problems.isEmpty() ? ExitCode.DONE : ExitCode.FOUND_WANTING;
    }
}
