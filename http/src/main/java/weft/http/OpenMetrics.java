package weft.http;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a process counts, in the text format of OpenMetrics 1.0: families of samples, each family
 * once and with its type, unit and meaning.
 */
public final class OpenMetrics {
  public static final String CONTENT_TYPE =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
  private static final Map<String, String> ALONE = Map.of();

  private final StringBuilder text = new StringBuilder();
  private final Set<String> names = new HashSet<>();

  /** The samples of one family. */
  public final class Family {
    private final String sample;

    private Family(String sample) {
      this.sample = sample;
    }

    /** A family with one sample only. */
    public OpenMetrics of(long value) {
      return add(ALONE, value).end();
    }

    /** A family with one sample only. */
    public OpenMetrics of(double value) {
      return add(ALONE, value).end();
    }

    public Family add(String label, String labelValue, long value) {
      return add(Map.of(label, labelValue), value);
    }

    public Family add(String label, String labelValue, double value) {
      return add(Map.of(label, labelValue), value);
    }

    public Family add(Map<String, String> labels, long value) {
      line(sample, labels, Long.toString(value));
      return this;
    }

    public Family add(Map<String, String> labels, double value) {
      line(sample, labels, Double.toString(value));
      return this;
    }

    /** One for each, by a label. */
    public OpenMetrics each(String label, Map<String, Long> values) {
      values.forEach((name, value) -> add(label, name, value));
      return end();
    }

    public OpenMetrics end() {
      return OpenMetrics.this;
    }
  }

  /** What only grows; the samples get `_total` behind the name. */
  public Family counter(String name, String help) {
    begin(name, "counter", "", help);
    return new Family(name + "_total");
  }

  /** What only grows, of seconds. */
  public Family secondsCounter(String name, String help) {
    begin(name, "counter", "seconds", help);
    return new Family(name + "_total");
  }

  /** What goes up and down. */
  public Family gauge(String name, String help) {
    String unit = name.endsWith("_bytes") ? "bytes" : name.endsWith("_seconds") ? "seconds" : "";
    begin(name, "gauge", unit, help);
    return new Family(name);
  }

  /**
   * How long something took, in classes.
   *
   * @param name ends with `_seconds`
   * @param boundsNs of the classes but the last, ascending, in nanoseconds
   * @param counts of each class
   */
  public OpenMetrics durations(
      String name, String help, List<Long> boundsNs, List<Long> counts, long sumNs) {
    begin(name, "histogram", "seconds", help);
    long upTo = 0;
    for (int i = 0; i < counts.size(); i++) {
      upTo += counts.get(i);
      String bound = i < boundsNs.size() ? seconds(boundsNs.get(i)) : "+Inf";
      line(name + "_bucket", Map.of("le", bound), Long.toString(upTo));
    }
    line(name + "_count", ALONE, Long.toString(upTo));
    line(name + "_sum", ALONE, seconds(sumNs));
    return this;
  }

  private static String seconds(long ns) {
    String plain = BigDecimal.valueOf(ns, 9).stripTrailingZeros().toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  private void begin(String name, String type, String unit, String help) {
    if (!NAME.matcher(name).matches() || !name.endsWith(unit) || !names.add(name)) {
      throw new IllegalArgumentException("metric " + name + " is misnamed, or there twice");
    }
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    if (!unit.isEmpty()) {
      text.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
    }
    text.append("# HELP ").append(name).append(' ').append(escaped(help)).append('\n');
  }

  private void line(String name, Map<String, String> labels, String value) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append('{');
      String gap = "";
      for (Map.Entry<String, String> label : labels.entrySet()) {
        text.append(gap).append(label.getKey());
        text.append("=\"").append(escaped(label.getValue())).append('"');
        gap = ",";
      }
      text.append('}');
    }
    text.append(' ').append(value).append('\n');
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** All of it, with its end. */
  @Override
  public String toString() {
    return text + "# EOF\n";
  }

  public Response response() {
    return Response.text(200, CONTENT_TYPE, toString());
  }
}
