package io.marketdata.collector.hostile;

import com.sun.net.httpserver.HttpServer;
import io.marketdata.collector.config.SettingsException;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.feed.FrameReader;
import io.marketdata.collector.hostile.HostileReader.Body;
import io.marketdata.collector.hostile.HostileReader.NeverRefuses;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.HttpTransport;
import io.marketdata.collector.rest.RequestBudget;
import io.marketdata.collector.rest.RestException;
import io.marketdata.collector.rest.RestMetrics;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.SpoolMarker;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.store.S3ObjectStore;
import io.marketdata.collector.store.S3Stores;
import io.marketdata.collector.testkit.MemoryDisk;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.trade.FrameParser;
import io.marketdata.collector.trade.LineCheck;
import io.marketdata.collector.upload.ManifestJson;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import io.marketdata.collector.upload.UnparsedObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/** Every reader of the program, with valid inputs. */
final class HostileReaders {

    private static final Symbol SYMBOL = Trades.BTCUSDT;
    private static final String DIGEST = "0123456789abcdef".repeat(4);
    private static final String LINE = Trades.line(5, 1_736_950_336_000L);
    private static final String FRAME =
            "{\"stream\":\"btcusdt@trade\",\"data\":" + Trades.json(SYMBOL, 5, 1_736_950_336_000L) + "}";
    private static final String MANIFEST =
            "{\"version\":\"1\",\"source\":{\"exchange\":\"binance\",\"stream\":\"trade\","
                    + "\"symbol\":\"BTCUSDT\",\"instance_id\":\"local-001\"},\"payload\":{\"s3_key\":\"raw/x.jsonl.gz\",\"record_count\":1,"
                    + "\"bytes_uncompressed\":200,\"bytes_gzip\":100,\"time_min_ms\":1736950336000,\"time_max_ms\":1736950336000,"
                    + "\"id_first\":5,\"id_last\":5,\"sha256\":\"" + DIGEST
                    + "\"},\"created_at_ms\":1736950336000,\"quality\":{"
                    + "\"missing_ids\":[[6,7]],\"missing_count\":2,\"duplicates_dropped\":0,\"out_of_order\":0,\"rejected\":0,"
                    + "\"rotated_by\":\"time\",\"origin\":\"stream\"},\"collector\":{\"version\":\"0\",\"java\":\"17\"}}\n";
    private static final String UNPARSED = "{\"recv_us\":1736950336000000,\"connection\":\"1a\",\"reason\":\"kind\","
            + "\"frame\":\"{\\\"e\\\":\\\"news\\\"}\"}\n";
    private static final String ROW =
            "[{\"id\":5,\"price\":\"1.5\",\"qty\":\"2\",\"quoteQty\":\"3\",\"time\":1736950336000,"
                    + "\"isBuyerMaker\":true,\"isBestMatch\":true}]";
    private static final String SYMBOLS = "{\"symbols\":[{\"symbol\":\"BTCUSDT\",\"status\":\"TRADING\"}]}";
    private static final String STORE_ERROR =
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message>"
                    + "<RequestId>1</RequestId></Error>";

    private final Path folder;
    private final List<HostileReader> readers = new ArrayList<>();

    private HostileReaders(Path folder) {
        this.folder = folder;
    }

    /** @param folder an empty directory for those that read files */
    static List<HostileReader> in(Path folder) throws IOException {
        HostileReaders all = new HostileReaders(folder);
        all.lines();
        all.files();
        all.settings();
        all.rest();
        all.store();
        return all.readers;
    }

    private void add(String name, int most, List<String> valid, Class<? extends Exception> refusal, Body body) {
        readers.add(new HostileReader(name, most, valid, refusal, body));
    }

    private void lines() {
        add(
                "frame",
                1 << 20,
                List.of(FRAME),
                NeverRefuses.class,
                input -> new FrameParser(List.of(SYMBOL)).parse(input, 0, input.length));
        add(
                "line of a part",
                1 << 20,
                List.of(LINE),
                NeverRefuses.class,
                input -> new LineCheck(SYMBOL).isTrade(input, 0, input.length));
        add(
                "frame that was kept",
                1 << 20,
                List.of(FRAME),
                NeverRefuses.class,
                input -> new FrameReader().read(input, 1));
    }

    private void files() {
        String checkpoint = "1 epoch_ms=5 id_last=5 highest_id=5 sha256=" + DIGEST
                + " s3_key=raw/x.jsonl.gz missing=1-2@3,4-4@3! ahead=9-9 crc32c=00000000\n";
        add("checkpoint", 2 << 20, List.of(checkpoint), NeverRefuses.class, Checkpoint::parse);
        add("manifest", 3 << 20, List.of(MANIFEST), IOException.class, ManifestJson::read);
        String marker = "version=1\nexchange=main network\nbucket=s3://b\n";
        add("marker of a spool", 1 << 20, List.of(marker), SpoolRefusedException.class, input -> {
            MemoryDisk disk = new MemoryDisk();
            disk.put(SpoolMarker.file(Path.of("/spool")), input);
            SpoolMarker.read(disk, Path.of("/spool"));
        });
        add("unparsed frames", 4 << 20, List.of(UNPARSED), NeverRefuses.class, input -> unparsed(input, ""));
        add(
                "compressed unparsed frames",
                1 << 20,
                List.of(UNPARSED),
                NeverRefuses.class,
                input -> unparsed(input, ".gz"));
        HostileSpool spool = new HostileSpool(folder.resolve("spool"), MANIFEST);
        add("sealed part", 20 << 20, List.of(LINE), NeverRefuses.class, spool::sealed);
        add("packed part", 4 << 20, List.of(LINE), NeverRefuses.class, spool::packed);
        add("files of a spool", 3 << 20, List.of(LINE, checkpoint, MANIFEST), NeverRefuses.class, spool::check);
    }

    private void unparsed(byte[] input, String suffix) throws IOException {
        Path directory = Files.createDirectories(folder.resolve("unparsed"));
        Path file = directory.resolve("frames-local-001-1736950336000.jsonl" + suffix);
        Files.write(file, input);
        if (UnparsedObject.below(directory).size() != 1) {
            throw new AssertionError("the file has another name");
        }
        UnparsedObject.below(directory).get(0).read(frame -> {});
        Files.delete(file);
    }

    private void settings() {
        Path home = folder.resolve("home");
        Map<String, String> environment = Map.of("RAW_BUCKET", "b");
        add(".env", 1 << 20, List.of("SYMBOL=BTCUSDT\n# x\nROT_SECS='5'\n"), SettingsException.class, input -> {
            Files.createDirectories(home);
            Files.write(home.resolve(".env"), input);
            try {
                new SettingsLoader(environment, home).load();
            } finally {
                Files.delete(home.resolve(".env"));
            }
        });
        String yaml = "symbol: BTCUSDT\nfeed:\n  connections: 2\nspool:\n  max_bytes: 1GiB\n";
        add("YAML", 1 << 20, List.of(yaml), SettingsException.class, input -> {
            Files.createDirectories(home.resolve("configs"));
            Files.write(home.resolve("configs").resolve("collector.yaml"), input);
            new SettingsLoader(environment, home).load();
        });
    }

    /** A server whose answer is the input. */
    private static final class Answers {
        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 9);
        private volatile int status = 200;
        private volatile byte[] body = new byte[0];

        Answers() throws IOException {
            server.createContext("/", exchange -> {
                try (exchange) {
                    exchange.getRequestBody().readAllBytes();
                    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                }
            });
            server.setExecutor(Executors.newCachedThreadPool(Answers::daemon));
            server.start();
        }

        static Thread daemon(Runnable task) {
            Thread thread = new Thread(task, "hostile-answers");
            thread.setDaemon(true);
            return thread;
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }
    }

    private void rest() throws IOException {
        Answers answers = new Answers();
        HttpTransport transport = new HttpTransport(Executors.newCachedThreadPool(Answers::daemon));
        add("rows of REST", 8 << 20, List.of(ROW), RestException.class, input -> {
            answers.body = input;
            rest(answers, transport).newest(SYMBOL, 1_000);
        });
        add("symbols of REST", 8 << 20, List.of(SYMBOLS), RestException.class, input -> {
            answers.body = input;
            rest(answers, transport).status(List.of(SYMBOL));
        });
        Answers refusals = new Answers();
        refusals.status = 429;
        String banned = "{\"code\":-1003,\"msg\":\"IP banned until 1736950336000\"}";
        add("refusals of REST", 8 << 20, List.of(banned), RestException.class, input -> {
            refusals.body = input;
            rest(refusals, transport).newest(SYMBOL, 1_000);
        });
    }

    private static BinanceRest rest(Answers answers, HttpTransport transport) {
        RequestBudget budget = new RequestBudget(6_000, java.time.Duration.ofHours(12), Time.SYSTEM, () -> 0);
        RestMetrics metrics = new RestMetrics(new Metrics());
        return new BinanceRest(answers.uri(), null, transport, Duration.ofSeconds(20), Time.SYSTEM, budget, metrics);
    }

    private void store() throws IOException {
        Answers answers = new Answers();
        answers.status = 403;
        S3ObjectStore store = S3Stores.of(answers.uri(), "bucket", "key", "secret");
        byte[] part = {1};
        add("errors of the store", 1 << 20, List.of(STORE_ERROR), StoreException.class, input -> {
            answers.body = input;
            store.put("raw/x.jsonl.gz", part, Sha256.of(part), ContentType.GZIP);
        });
    }
}
