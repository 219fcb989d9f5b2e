package io.marketdata.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreTargetTest {

    @TempDir
    Path base;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "my-trades",
                "my.trades.2026",
                "0a0",
                "123456789012345678901234567890123456789012345678901234567890123"
            })
    void acceptsBucketNames(String name) {
        assertThat(StoreTarget.parse(name, base)).isEqualTo(new StoreTarget.S3(name, null, null));
    }

    @ParameterizedTest
    @CsvSource({
        "ab, not a bucket name",
        "1234567890123456789012345678901234567890123456789012345678901234, not a bucket name",
        "My-Trades, not a bucket name",
        "my_trades, not a bucket name",
        "my trades, not a bucket name",
        "-trades, not a bucket name",
        "trades-, not a bucket name",
        ".trades, not a bucket name",
        "trades., not a bucket name",
        "trädes, not a bucket name",
        "my-trades/raw, not a bucket name",
        "my..trades, two dots",
        "192.168.5.4, IP address",
        "xn--trades, xn--",
        "sthree-trades, sthree-",
        "amzn-s3-demo-trades, amzn-s3-demo-",
        "trades-s3alias, -s3alias",
        "trades--ol-s3, --ol-s3",
        "trades.mrap, .mrap",
        "trades--usw2-az1--x-s3, --x-s3",
        "trades--table-s3, --table-s3",
        "s3://my-trades, without s3://",
        "file:, path is empty",
        "file://, absolute path",
        "file://host/dir, absolute path",
        "file:~/trades, not expanded",
        "file:$HOME/trades, not expanded"
    })
    void refusesOtherNames(String name, String reason) {
        assertThatThrownBy(() -> StoreTarget.parse(name, base))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void acceptsRelativeAndAbsoluteDirectories() {
        Path bucket = base.resolve("some bucket");

        assertThat(StoreTarget.parse("file:some bucket", base)).isEqualTo(new StoreTarget.Directory(bucket));
        assertThat(StoreTarget.parse("file:./x/../some bucket", base)).isEqualTo(new StoreTarget.Directory(bucket));
        assertThat(StoreTarget.parse("file:" + bucket, base)).isEqualTo(new StoreTarget.Directory(bucket));
        assertThat(StoreTarget.parse("file://" + bucket, base)).isEqualTo(new StoreTarget.Directory(bucket));
    }

    @Test
    void constructorsRefuseInvalidTargets() {
        assertThatThrownBy(() -> new StoreTarget.S3("trades", "ap northeast", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("AWS_REGION=ap northeast: ");
        assertThatThrownBy(() -> new StoreTarget.S3("trades", null, URI.create("ftp://s3.amazonaws.com")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("AWS_ENDPOINT_URL_S3=ftp://s3.amazonaws.com: ");
        assertThatThrownBy(() -> new StoreTarget.Directory(Path.of("trades")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void describesItself() {
        assertThat(new StoreTarget.S3("trades", null, null).describe()).isEqualTo("s3://trades");
        assertThat(new StoreTarget.S3("trades", "auto", URI.create("https://r2.example.com")).describe())
                .isEqualTo("s3://trades, region auto, at https://r2.example.com");
        assertThat(new StoreTarget.Directory(Path.of("/data")).describe()).isEqualTo("file:/data");
    }
}
