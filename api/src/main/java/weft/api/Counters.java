package weft.api;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import weft.config.ConfigImage;
import weft.http.Response;

/** Counts answers; printed in the text format of Prometheus. */
final class Counters {
  private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

  private final Map<String, LongAdder> answers = new ConcurrentSkipListMap<>();

  void count(String method, int status) {
    answers
        .computeIfAbsent(
            "method=\"" + method + "\",status=\"" + status + "\"", _ -> new LongAdder())
        .increment();
  }

  Response metrics(ConfigImage image) {
    StringBuilder out = new StringBuilder();
    out.append("# TYPE weft_api_requests_total counter\n");
    answers.forEach((labels, count) ->
        out.append("weft_api_requests_total{")
            .append(labels)
            .append("} ")
            .append(count.sum())
            .append('\n'));
    gauge(out, "weft_config_objects", image.size());
    gauge(out, "weft_config_revision", image.revision());
    return Response.text(200, TEXT_FORMAT, out.toString());
  }

  private static void gauge(StringBuilder out, String name, long value) {
    out.append("# TYPE ").append(name).append(" gauge\n");
    out.append(name).append(' ').append(value).append('\n');
  }
}
