package io.marketdata.collector.html;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HtmlTest {

    @Test
    void textFromOutsideCannotBecomeMarkup() {
        assertThat(Html.text("<b a=\"1\">&")).isEqualTo("&lt;b a=&quot;1&quot;&gt;&amp;");
    }

    /** XML 1.0, "Characters"; and the controls of Unicode's bidirectional algorithm, which disguise a key. */
    @Test
    void charactersThatBreakOrDisguiseAPageAreReplaced() {
        assertThat(Html.text("a\u0000b\u001bc\uD800d\uFFFEe\u202Ef\u2066g\u0085"))
                .isEqualTo("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFDf\uFFFDg\uFFFD");
        assertThat(Html.text("ü – 😀\t\n")).isEqualTo("ü – 😀\t\n");
    }
}
