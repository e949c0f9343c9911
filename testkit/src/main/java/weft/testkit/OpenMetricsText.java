package weft.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads what a daemon counts with the parser of Prometheus' own client, which is strict. */
public final class OpenMetricsText {
  private static final String SCRIPT =
      """
      import sys
      from prometheus_client.openmetrics.parser import text_string_to_metric_families
      for family in text_string_to_metric_families(sys.stdin.read()):
          if not family.documentation:
              sys.exit(family.name + " has no HELP")
          for s in family.samples:
              labels = ",".join(sorted(k + "=" + v for k, v in s.labels.items()))
              print(s.name + "{" + labels + "}", s.value, sep="\\t")
      """;

  private OpenMetricsText() {}

  /** The samples by `name{label=value,…}`; fails if the text is not in the format. */
  public static SortedMap<String, Double> samples(String text) throws IOException {
    Process parser =
        new ProcessBuilder("/usr/bin/python3", "-c", SCRIPT).redirectErrorStream(true).start();
    try (var in = parser.outputWriter(StandardCharsets.UTF_8)) {
      in.write(text);
    }
    String said = new String(parser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (parser.waitFor() != 0) {
        throw new AssertionError(said + "\n" + text);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    SortedMap<String, Double> samples = new TreeMap<>();
    for (String line : said.lines().toList()) {
      String[] parts = line.split("\t", -1);
      samples.put(parts[0], Double.valueOf(parts[1]));
    }
    return samples;
  }
}
