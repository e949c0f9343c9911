package weft.api;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import weft.config.ConfigImage;
import weft.http.HttpMetrics;
import weft.http.JvmMetrics;
import weft.http.OpenMetrics;
import weft.http.Response;
import weft.state.Latency;

/** Counts answers and how long they took. */
final class Counters {
  private record Answer(String method, String status) implements Comparable<Answer> {
    @Override
    public int compareTo(Answer other) {
      int byMethod = method.compareTo(other.method);
      return byMethod == 0 ? status.compareTo(other.status) : byMethod;
    }
  }

  private final Map<Answer, LongAdder> answers = new ConcurrentSkipListMap<>();
  private final Latency reads = new Latency();
  private final Latency writes = new Latency();

  void count(String method, int status, long tookNs) {
    answers
        .computeIfAbsent(new Answer(method, Integer.toString(status)), _ -> new LongAdder())
        .increment();
    (method.equals("GET") ? reads : writes).observe(tookNs);
  }

  Response metrics(ConfigImage image) {
    OpenMetrics metrics = new OpenMetrics();
    OpenMetrics.Family requests =
        metrics.counter("weft_api_requests", "Requests answered, by method and status.");
    answers.forEach((answer, count) ->
        requests.add(Map.of("method", answer.method(), "status", answer.status()), count.sum()));
    durations(metrics, "weft_api_read_seconds", "How long a GET took to be handled.", reads);
    durations(metrics, "weft_api_write_seconds", "How long other requests took.", writes);
    metrics
        .gauge("weft_config_objects", "Config objects.")
        .of(image.size())
        .gauge("weft_config_revision", "The revision of the config that this server has.")
        .of(image.revision());
    return HttpMetrics.addTo(JvmMetrics.addTo(metrics)).response();
  }

  private static void durations(OpenMetrics metrics, String name, String help, Latency latency) {
    Latency.Snapshot all = latency.snapshot();
    metrics.durations(name, help, all.boundsNs(), all.counts(), all.sumNs());
  }
}
