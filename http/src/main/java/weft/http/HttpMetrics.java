package weft.http;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What all HTTP servers of a process have let in, refused and broken off. */
public final class HttpMetrics {
  private static final LongAdder OPEN = new LongAdder();
  private static final Map<Gate.Refusal, LongAdder> REFUSED = counters(Gate.Refusal.class);
  private static final Map<Visit.Phase, LongAdder> EXPIRED = counters(Visit.Phase.class);

  private HttpMetrics() {}

  private static <E extends Enum<E>> Map<E, LongAdder> counters(Class<E> type) {
    Map<E, LongAdder> counters = new EnumMap<>(type);
    for (E each : type.getEnumConstants()) {
      counters.put(each, new LongAdder());
    }
    return counters;
  }

  static void opened(int change) {
    OPEN.add(change);
  }

  static void refused(Gate.Refusal why) {
    count(REFUSED, why);
  }

  static void expired(Visit.Phase phase) {
    count(EXPIRED, phase);
  }

  private static <E extends Enum<E>> void count(Map<E, LongAdder> counters, E of) {
    LongAdder counter = counters.get(of);
    if (counter != null) {
      counter.increment();
    }
  }

  /** Adds them; cheap enough for every scrape. */
  public static OpenMetrics addTo(OpenMetrics metrics) {
    metrics.gauge("weft_http_connections", "HTTP connections that are open.").of(OPEN.sum());
    OpenMetrics.Family refused =
        metrics.counter("weft_http_refused", "HTTP connections that were not let in, by reason.");
    REFUSED.forEach((why, count) -> refused.add("reason", word(why), count.sum()));
    OpenMetrics.Family expired =
        metrics.counter(
            "weft_http_expired", "HTTP connections that were ended, by what took too long.");
    for (Visit.Phase phase : Visit.LIMITED) {
      LongAdder count = EXPIRED.get(phase);
      expired.add("phase", word(phase), count == null ? 0 : count.sum());
    }
    return metrics;
  }

  private static String word(Enum<?> each) {
    return each.name().toLowerCase(Locale.ROOT);
  }
}
