package weft.bench.vrouter;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import weft.bench.Figure;
import weft.bench.Report;
import weft.net.Encapsulation;

/**
 * Measures the datapath beside plain routing, the kernel's VXLAN and Open vSwitch: all of them in
 * turn in each round, and each round compared in itself.
 */
public final class VrouterBench {
  private static final int FLOWS = 1 << 21;
  private static final double LEAST_NEW_FLOWS = 50_000;
  private static final double MOST_FIRST_PACKET = 2;
  private static final double LEAST_MANY_RULES = 0.9;
  private static final int MANY_RULES = 1000;
  private static final long ORDER = 20_230_917;

  /**
   * @param rounds in which all are measured
   * @param time of one measurement
   * @param turns into which these are cut where paths are compared: what disturbs one of many short
   *     ones does not move their median
   * @param firstPackets sockets whose first two packets are timed, a round
   * @param routes to fill the table with
   * @param flows likewise
   * @param ports of one host, each of which is added and timed
   */
  public record Size(
      int rounds, Duration time, int turns, int firstPackets, int routes, int flows, int ports) {
    public static final Size FULL =
        new Size(9, Duration.ofSeconds(2), 25, 4000, 1_000_000, 1_000_000, 500);
    public static final Size QUICK =
        new Size(7, Duration.ofMillis(400), 11, 1000, 1_000_000, 1_000_000, 500);
  }

  /** What can be measured alone. */
  public enum Part {
    STREAMS,
    DATAGRAMS,
    REQUESTS,
    CONNECTIONS,
    FLOWS,
    RULES,
    MEMORY,
    PORTS
  }

  /** What is measured of every path; more is better. */
  private enum Measure {
    ONE_STREAM(Part.STREAMS, "TCP, one stream", "Mb/s", 0.95) {
      @Override
      Sample take(GuestPath path, Duration time) {
        return Sample.of(Streams.bitsPerSecond(path, 1, time) / 1e6);
      }
    },
    FOUR_STREAMS(Part.STREAMS, "TCP, four streams", "Mb/s", 0.95) {
      @Override
      Sample take(GuestPath path, Duration time) {
        return Sample.of(Streams.bitsPerSecond(path, 4, time) / 1e6);
      }
    },
    SMALL_PACKETS(Part.DATAGRAMS, "UDP, 64 bytes", "1/s", 0.9) {
      @Override
      Sample take(GuestPath path, Duration time) throws InterruptedException {
        Datagrams.Result result = Datagrams.oneFlow(path, time);
        return new Sample(result.perSecond(), result.processorNs());
      }
    },
    REQUESTS(Part.REQUESTS, "request and response", "1/s", 0.95) {
      @Override
      Sample take(GuestPath path, Duration time) throws InterruptedException {
        return Exchanges.perSecond(path, time);
      }
    },
    CONNECTIONS(Part.CONNECTIONS, "connect, request, close", "1/s", 0.85) {
      @Override
      Sample take(GuestPath path, Duration time) throws InterruptedException {
        return Exchanges.connectionsPerSecond(path, time);
      }
    };

    final Part part;
    final String title;
    final String unit;
    final double goal;

    Measure(Part part, String title, String unit, double goal) {
      this.part = part;
      this.title = title;
      this.unit = unit;
      this.goal = goal;
    }

    abstract Sample take(GuestPath path, Duration time) throws InterruptedException;
  }

  private final Size size;
  private final Set<Part> parts;
  private final Report report;

  /**
   * @param parts those that are wanted
   */
  public VrouterBench(Size size, Set<Part> parts, Report report) {
    this.size = size;
    this.parts = Set.copyOf(parts);
    this.report = report;
  }

  /** Runs all of it. */
  public void run() throws IOException, InterruptedException {
    Sweep.dead();
    Thread interrupted = new Thread(Sweep::own, "sweep");
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      if (!parts.equals(Set.of(Part.PORTS))) {
        traffic();
      }
      if (parts.contains(Part.PORTS)) {
        new PortAdds(size.ports, report).run();
      }
    } finally {
      Sweep.own();
      try {
        Runtime.getRuntime().removeShutdownHook(interrupted);
      } catch (IllegalStateException e) {
        report.say("ended while it ran");
      }
    }
  }

  private void traffic() throws IOException, InterruptedException {
    List<GuestPath> paths = new ArrayList<>();
    try {
      RoutedPath plain = new RoutedPath();
      paths.add(plain);
      WeftPath udp = new WeftPath(Encapsulation.MPLS_O_UDP, "u", FLOWS);
      paths.add(udp);
      paths.add(new WeftPath(Encapsulation.MPLS_O_GRE, "g", FLOWS));
      paths.add(new VxlanPath());
      if (OvsPath.isInstalled()) {
        paths.add(new OvsPath());
      }
      for (GuestPath path : paths) {
        awaitPath(path);
      }
      beside(paths);
      if (parts.contains(Part.FLOWS)) {
        newFlows(plain, udp);
        firstPackets(plain, udp);
      }
      if (parts.contains(Part.RULES)) {
        manyRules(udp);
      }
      if (parts.contains(Part.MEMORY)) {
        memory(udp);
      }
    } finally {
      paths.reversed().forEach(GuestPath::close);
    }
  }

  private static void awaitPath(GuestPath path) {
    weft.lab.Await.until(
        "packets pass by " + path.name(),
        Duration.ofSeconds(60),
        () -> path.from().run("ping", "-n", "-c", "1", "-W", "1", path.address()).ok());
  }

  private void beside(List<GuestPath> paths) throws IOException, InterruptedException {
    Map<Measure, Map<GuestPath, List<Sample>>> found = new TreeMap<>();
    Duration time = size.time.multipliedBy(size.rounds).dividedBy(size.turns);
    Random order = new Random(ORDER);
    // The first is for the compiler and is not counted.
    for (int round = 0; round <= size.turns; round++) {
      for (Measure measure : Measure.values()) {
        if (!parts.contains(measure.part)) {
          continue;
        }
        List<GuestPath> turn = new ArrayList<>(paths);
        // Nobody is always first, or always the one after another.
        Collections.shuffle(turn, order);
        for (GuestPath path : turn) {
          Sample sample = measure.take(path, time);
          path.forget();
          if (round == 0) {
            continue;
          }
          found
              .computeIfAbsent(measure, _ -> noSamples(paths))
              .computeIfAbsent(path, _ -> new ArrayList<>())
              .add(sample);
          report.say(
              "round %d, %s, %s: %.0f %s"
                  .formatted(round, measure.title, path.name(), sample.rate(), measure.unit));
        }
      }
    }
    found.forEach((measure, samples) -> {
      figures(measure, map(samples, Sample::rate));
      if (measure != Measure.ONE_STREAM && measure != Measure.FOUR_STREAMS) {
        processorTimes(measure, map(samples, Sample::processorNs));
      }
    });
  }

  /** In the order of the paths. */
  private static Map<GuestPath, List<Sample>> noSamples(List<GuestPath> paths) {
    Map<GuestPath, List<Sample>> samples = new LinkedHashMap<>();
    paths.forEach(path -> samples.put(path, new ArrayList<>()));
    return samples;
  }

  private static Map<GuestPath, List<Double>> map(
      Map<GuestPath, List<Sample>> samples, Function<Sample, Double> part) {
    Map<GuestPath, List<Double>> values = new LinkedHashMap<>();
    samples.forEach((path, list) -> values.put(path, list.stream().map(part).toList()));
    return values;
  }

  /** Less disturbed than rates by what else the machine does: the least of the rounds. */
  private void processorTimes(Measure measure, Map<GuestPath, List<Double>> found) {
    double plain = Collections.min(found.values().iterator().next());
    found.forEach((path, values) -> {
      String name = measure.title + ", processor time: " + path.name();
      switch (path) {
        case OvsPath _ -> {} // its own threads do the work
        case RoutedPath _ -> report.add(Figure.cost(name, plain / 1000, "us"));
        default -> report.add(Figure.cost(name, Collections.min(values) / plain, "of plain"));
      }
    });
  }

  /** The first of the paths is the yardstick. */
  private void figures(Measure measure, Map<GuestPath, List<Double>> found) {
    List<Double> plain = found.values().iterator().next();
    Map<GuestPath, Double> ratios = new LinkedHashMap<>();
    found.forEach((path, values) -> ratios.put(path, ratio(values, plain)));
    double vxlan =
        ratios.entrySet().stream()
            .filter(entry -> entry.getKey() instanceof VxlanPath)
            .mapToDouble(Map.Entry::getValue)
            .findFirst()
            .orElse(Double.NaN);
    double goal = measure == Measure.SMALL_PACKETS ? Math.max(measure.goal, vxlan) : measure.goal;
    ratios.forEach((path, ratio) -> {
      String name = measure.title + ": " + path.name();
      switch (path) {
        case WeftPath _ ->
            report.add(
                Figure.rate(name, ratio, "of plain").beside(VxlanPath.NAME, vxlan).goal(goal));
        case RoutedPath _ -> report.add(Figure.rate(name, median(plain), measure.unit));
        default -> report.add(Figure.rate(name, ratio, "of plain"));
      }
    });
  }

  /** The median of what the rounds say, each compared in itself. */
  private static double ratio(List<Double> values, List<Double> plain) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < values.size(); round++) {
      ratios.add(values.get(round) / plain.get(round));
    }
    return median(ratios);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private void newFlows(RoutedPath plain, WeftPath ours) throws InterruptedException {
    List<Double> theirs = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    long lost = 0;
    for (int round = 0; round < size.rounds; round++) {
      theirs.add(Datagrams.newFlows(plain, size.time, Long.MAX_VALUE).perSecond());
      Datagrams.Result result = Datagrams.newFlows(ours, size.time, FLOWS / 2);
      ours.forget();
      lost += result.lost();
      rates.add(result.perSecond());
    }
    report.add(
        Figure.rate("new flows", median(rates), "1/s")
            .beside("plain routing, without flows", median(theirs))
            .goal(LEAST_NEW_FLOWS));
    report.add(Figure.cost("packets of new flows lost", (double) lost, "").goal(0));
    if (lost > 0) {
      report.say("drops: " + ours.host(0).dropsText() + ", " + ours.host(1).dropsText());
    }
  }

  private void firstPackets(RoutedPath plain, WeftPath ours) throws InterruptedException {
    List<Double> theirs = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    List<Double> firsts = new ArrayList<>();
    for (int round = 0; round < size.rounds; round++) {
      theirs.add(firstAgainstSecond(Exchanges.firstAndSecond(plain, size.firstPackets)));
      long[][] times = Exchanges.firstAndSecond(ours, size.firstPackets);
      ratios.add(firstAgainstSecond(times));
      firsts.add(percentile99(times[0]) / 1000.0);
      ours.forget();
    }
    report.add(Figure.cost("first packet's round trip, p99", median(firsts), "us"));
    report.add(
        Figure.cost("first packet's p99 over the second's", median(ratios), "")
            .beside("plain routing", median(theirs))
            .goal(MOST_FIRST_PACKET));
  }

  private static double firstAgainstSecond(long[][] times) {
    return (double) percentile99(times[0]) / percentile99(times[1]);
  }

  private static long percentile99(long[] times) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length * 99 / 100];
  }

  private void manyRules(WeftPath ours) throws InterruptedException {
    List<Double> few = new ArrayList<>();
    List<Double> many = new ArrayList<>();
    for (int round = 0; round < size.rounds; round++) {
      few.add(Datagrams.newFlows(ours, size.time, FLOWS / 2).perSecond());
      ours.forget();
      ours.rules(MANY_RULES);
      many.add(Datagrams.newFlows(ours, size.time, FLOWS / 2).perSecond());
      ours.forget();
      ours.rules(WeftPath.RULES);
    }
    report.add(Figure.rate("new flows, " + WeftPath.RULES + " rules a group", median(few), "1/s"));
    report.add(
        Figure.rate("new flows, " + MANY_RULES + " rules a group", ratio(many, few), "of 10 rules")
            .goal(LEAST_MANY_RULES));
  }

  private void memory(WeftPath ours) throws InterruptedException {
    VrouterHost host = ours.host(0);
    long before = host.memory("routes");
    long start = System.nanoTime();
    FillRoutes.into(host, size.routes);
    double seconds = (System.nanoTime() - start) / 1e9;
    double mega = 1024.0 * 1024;
    report.add(Figure.rate("routes written", size.routes / seconds, "1/s"));
    report.add(
        Figure.cost(
            "memory of %,d routes".formatted(size.routes),
            (host.memory("routes") - before) / mega,
            "MiB"));
    ours.forget();
    long empty = host.memory("flows");
    Datagrams.newFlows(ours, Duration.ofMinutes(2), size.flows / 2);
    report.add(
        Figure.cost(
            "memory of %,d flow entries".formatted(size.flows),
            (host.memory("flows") - empty) / mega,
            "MiB"));
    report.add(Figure.cost("memory of the empty flow table", empty / mega, "MiB"));
    ours.forget();
  }
}
