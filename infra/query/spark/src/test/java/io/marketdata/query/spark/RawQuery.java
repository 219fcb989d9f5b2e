package io.marketdata.query.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Asks the views of a file of SQL, for measurements. Arguments: the file, the bucket as Spark names it, the question. */
final class RawQuery {

    private RawQuery() {}

    public static void main(String[] arguments) throws IOException {
        String script = Files.readString(Path.of(arguments[0]))
                .replaceAll("(?m)--.*$", "")
                .replace("YOUR-BUCKET", arguments[1]);
        try (SparkSession session = SparkSession.builder()
                .appName("raw query")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.files.openCostInBytes", 65_536)
                .getOrCreate()) {
            for (String statement : script.split(";\\s*\\n", -1)) {
                if (!statement.isBlank()) {
                    session.sql(statement);
                }
            }
            for (Row row : session.sql(arguments[2]).collectAsList()) {
                System.out.println(row.mkString(","));
            }
        }
    }
}
