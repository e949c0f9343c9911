package weft.agent.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;
import weft.net.XmlElement;

/** Reads the health checks of a port; those that are off, or that cannot be read, are left out. */
final class HealthReader {
  private static final String CHECK = "service-health-check";
  private static final String LINK = "service-port-health-check";
  private static final Duration LEAST = Duration.ofMillis(50);
  private static final int LONGEST_S = 3600;

  private final ConfigGraph graph;

  HealthReader(ConfigGraph graph) {
    this.graph = graph;
  }

  List<HealthCheck> of(Node port) {
    List<HealthCheck> checks = new ArrayList<>();
    for (Node node : graph.neighbours(port, LINK, CHECK)) {
      XmlElement body = Xml.path(graph.body(node), CHECK + "-properties");
      HealthCheck check = body == null ? null : read(node.name(), body);
      if (check != null) {
        checks.add(check);
      }
    }
    return checks;
  }

  private static @Nullable HealthCheck read(String name, XmlElement body) {
    HealthCheck.Kind kind = HealthCheck.Kind.of(Xml.text(body, "health-check-type"));
    HealthCheck.Monitor monitor = HealthCheck.Monitor.of(Xml.text(body, "monitor-type"));
    if (!Xml.isTrue(Xml.text(body, "enabled")) || kind == null || monitor == null) {
      return null;
    }
    return new HealthCheck(
        name,
        kind,
        monitor,
        time(body, "delay"),
        time(body, "timeout"),
        Math.clamp(Xml.number(Xml.text(body, "max-retries"), 2), 1, 255),
        orEmpty(Xml.text(body, "url-path")),
        orEmpty(Xml.text(body, "http-method")),
        orEmpty(Xml.text(body, "expected-codes")));
  }

  /** Seconds, and microseconds in another field. */
  private static Duration time(XmlElement body, String name) {
    int seconds = Math.clamp(Xml.number(Xml.text(body, name), 0), 0, LONGEST_S);
    int micros = Math.max(0, Xml.number(Xml.text(body, name + "Usecs"), 0));
    Duration time = Duration.ofSeconds(seconds).plusNanos(micros * 1000L);
    return time.compareTo(LEAST) < 0 ? LEAST : time;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
