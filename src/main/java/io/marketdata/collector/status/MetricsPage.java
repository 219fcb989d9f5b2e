package io.marketdata.collector.status;

import io.marketdata.collector.status.StatusServer.Answer;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Serves every metric in the format that the client requests: Prometheus text or OpenMetrics. Protobuf is not offered;
 * clients that prefer it also accept text.
 */
public final class MetricsPage implements StatusServer.Page {

    private final PrometheusRegistry registry;
    private final ExpositionFormats formats = ExpositionFormats.init();

    public MetricsPage(PrometheusRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Answer show(@Nullable String accept) throws IOException {
        ExpositionFormatWriter writer = formats.getOpenMetricsTextFormatWriter().accepts(accept)
                ? formats.getOpenMetricsTextFormatWriter()
                : formats.getPrometheusTextFormatWriter();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        writer.write(body, registry.scrape());
        return new Answer(200, writer.getContentType(), body.toString(StandardCharsets.UTF_8));
    }
}
