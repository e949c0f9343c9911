package weft.bench;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import weft.bench.BgpLoad.Kind;
import weft.bench.Speaker.Make;

/**
 * Measures the control node as a BGP speaker, and BIRD, FRR and GoBGP in turn under the same load.
 *
 * <p>Each speaker is started anew for each load and goes through it twice, through one of a
 * fraction of a second eight times: the first round of ours is with a cold JVM, the last one with a
 * warm one. What the first takes of processors has a goal under the large VPN load alone: under
 * smaller ones most of it is compilation, which happens once, and it is shown beside the peers'.
 */
public final class ControlBench {
  private static final int ROUNDS = 2;
  private static final int SHORT_ROUNDS = 8;
  private static final double BYTES_PER_ROUTE = 500;
  private static final double UPDATES_PER_ROUTE = 0.006;
  private static final double LATE_SECONDS = 2;
  private static final double WITHDRAW_SECONDS = 2;
  private static final double UNICAST_FACTOR = 2;

  /**
   * @param large routes of the loads with one sender
   * @param shared routes of each of ten senders
   * @param evpn EVPN routes
   */
  public record Size(int large, int shared, int evpn) {
    public static final Size FULL = new Size(1_000_000, 50_000, 100_000);
    public static final Size QUICK = new Size(300_000, 15_000, 100_000);
  }

  private final Size size;
  private final Report report;

  public ControlBench(Size size, Report report) {
    this.size = size;
    this.report = report;
  }

  /** Runs all loads; to be called inside the {@link Namespace}. */
  public void run() throws IOException, InterruptedException {
    vpn();
    shared();
    evpn();
    unicast();
  }

  private void vpn() throws IOException, InterruptedException {
    Load load =
        new Load(
            "VPNv4 " + size.large,
            new BgpLoad(Kind.VPNV4, 1, size.large, size.large / 1000),
            1,
            ROUNDS);
    Results results = measure(load, List.of(Make.BIRD, Make.FRR));
    results.beside("CPU, cold", "s", When.COLD, r -> r.cpu(), 1);
    results.beside("CPU", "s", When.WARM, r -> r.cpu(), 1);
    results.beside("time, cold", "s", When.COLD, r -> r.seconds(), 1);
    results.beside("time", "s", When.WARM, r -> r.seconds(), 1);
    results.memory(BYTES_PER_ROUTE);
    results.fixed("updates a route", "", When.COLD, r -> r.updatesPerRoute(), UPDATES_PER_ROUTE);
    results.fixed("late joiner, cold", "s", When.COLD, r -> r.lateSeconds(), LATE_SECONDS);
    results.fixed("late joiner", "s", When.WARM, r -> r.lateSeconds(), LATE_SECONDS);
    results.fixed("withdrawal, cold", "s", When.COLD, r -> r.withdrawSeconds(), WITHDRAW_SECONDS);
    results.fixed("withdrawal", "s", When.WARM, r -> r.withdrawSeconds(), WITHDRAW_SECONDS);
    results.shown("withdrawal CPU", "s", When.WARM, r -> r.withdrawCpu());
  }

  private void shared() throws IOException, InterruptedException {
    Load load =
        new Load(
            "VPNv4 10 x %d to 20".formatted(size.shared),
            new BgpLoad(Kind.VPNV4, 10, size.shared, size.shared / 50),
            10,
            ROUNDS);
    Results results = measure(load, List.of(Make.BIRD, Make.FRR));
    results.shown("CPU, cold", "s", When.COLD, r -> r.cpu());
    results.beside("CPU", "s", When.WARM, r -> r.cpu(), 1);
    results.beside("time, cold", "s", When.COLD, r -> r.seconds(), 1);
    results.beside("time", "s", When.WARM, r -> r.seconds(), 1);
  }

  private void evpn() throws IOException, InterruptedException {
    Load load =
        new Load(
            "EVPN " + size.evpn,
            new BgpLoad(Kind.EVPN, 1, size.evpn, size.evpn / 100),
            1,
            SHORT_ROUNDS);
    Results results = measure(load, List.of(Make.FRR));
    results.shown("CPU, cold", "s", When.COLD, r -> r.cpu());
    results.beside("CPU", "s", When.WARM, r -> r.cpu(), 1);
    results.beside("time", "s", When.WARM, r -> r.seconds(), 1);
    Load small = new Load("EVPN 5000", new BgpLoad(Kind.EVPN, 1, 5000, 100), 1, ROUNDS);
    measure(small, List.of(Make.GOBGP)).beside("CPU, cold", "s", When.COLD, r -> r.cpu(), 1);
  }

  /** As many attribute sets as a table of the Internet has for so many routes. */
  private void unicast() throws IOException, InterruptedException {
    int groups = size.large / 7;
    Load load =
        new Load("IPv4 " + size.large, new BgpLoad(Kind.IPV4, 1, size.large, groups), 1, ROUNDS);
    Results results = measure(load, List.of(Make.BIRD, Make.FRR));
    results.shown("CPU, cold", "s", When.COLD, r -> r.cpu());
    results.beside("CPU", "s", When.WARM, r -> r.cpu(), UNICAST_FACTOR);
    results.beside("time", "s", When.WARM, r -> r.seconds(), UNICAST_FACTOR);
  }

  /** The first round or the last. */
  private enum When {
    COLD,
    WARM
  }

  private record Load(String name, BgpLoad routes, int receivers, int rounds) {}

  private Results measure(Load load, List<Make> peers) throws IOException, InterruptedException {
    Map<Make, List<BgpRun.Round>> rounds = new EnumMap<>(Make.class);
    for (Make make : Make.values()) {
      if (make == Make.WEFT || peers.contains(make)) {
        List<BgpRun.Round> found = make.isInstalled() ? measure(load, make) : null;
        if (found == null) {
          absent(load, make);
        } else {
          rounds.put(make, found);
        }
      }
    }
    return new Results(load.name, rounds);
  }

  /** Goals that are the best peer's value say nothing without it: its absence is a missed one. */
  private void absent(Load load, Make make) {
    report.add(
        Figure.rate(load.name + ": rounds of " + make.title, 0, "").goal((double) load.rounds));
  }

  /** Null if a peer does not get through, which is said. */
  private @Nullable List<BgpRun.Round> measure(Load load, Make make)
      throws IOException, InterruptedException {
    Speaker.Plan plan = new Speaker.Plan(load.routes.kind(), load.routes.senders(), load.receivers);
    try (Scratch scratch = Scratch.make();
        Speaker speaker = Speaker.start(make, plan, scratch.directory())) {
      List<BgpRun.Round> rounds = new BgpRun(speaker, load.routes, load.receivers).run(load.rounds);
      rounds.forEach(
          round -> report.say("%s, %s: %s".formatted(load.name, make.title, round.text())));
      return rounds;
    } catch (IOException | TimeoutException | ExecutionException e) {
      if (make == Make.WEFT) {
        throw new IOException(load.name, e);
      }
      report.say("%s, %s: %s".formatted(load.name, make.title, e.getMessage()));
      return null;
    }
  }

  /** What was measured under one load, to be made figures of. */
  private final class Results {
    private final String name;
    private final Map<Make, List<BgpRun.Round>> rounds;

    Results(String name, Map<Make, List<BgpRun.Round>> rounds) {
      this.name = name;
      this.rounds = rounds;
    }

    private double value(Make make, When when, ToDoubleFunction<BgpRun.Round> value) {
      List<BgpRun.Round> found = rounds.get(make);
      return found == null
          ? Double.NaN
          : value.applyAsDouble(when == When.COLD ? found.getFirst() : found.getLast());
    }

    /** The best of the peers' rounds. */
    private Figure.@Nullable Peer best(ToDoubleFunction<BgpRun.Round> value) {
      return best(all -> all, value);
    }

    /** The best of those of the peers' rounds that count. */
    private Figure.@Nullable Peer best(
        UnaryOperator<List<BgpRun.Round>> counting, ToDoubleFunction<BgpRun.Round> value) {
      Figure.Peer best = null;
      for (Map.Entry<Make, List<BgpRun.Round>> entry : rounds.entrySet()) {
        for (BgpRun.Round round : counting.apply(entry.getValue())) {
          double found = value.applyAsDouble(round);
          if (entry.getKey() != Make.WEFT && (best == null || found < best.value())) {
            best = new Figure.Peer(entry.getKey().title, found);
          }
        }
      }
      return best;
    }

    /** The goal is the best peer's value in this run, times a factor. */
    void beside(
        String what, String unit, When when, ToDoubleFunction<BgpRun.Round> value, double factor) {
      Figure figure = Figure.cost(name + ": " + what, value(Make.WEFT, when, value), unit);
      Figure.Peer best = best(value);
      report.add(
          best == null
              ? figure
              : figure.beside(best.name(), best.value()).goal(best.value() * factor));
    }

    /** Without a goal. */
    void shown(String what, String unit, When when, ToDoubleFunction<BgpRun.Round> value) {
      Figure figure = Figure.cost(name + ": " + what, value(Make.WEFT, when, value), unit);
      Figure.Peer best = best(value);
      report.add(best == null ? figure : figure.beside(best.name(), best.value()));
    }

    /** Of the first round: later ones use again what that has left. */
    void memory(double goal) {
      ToDoubleFunction<BgpRun.Round> value = r -> r.bytesPerRoute();
      Figure figure =
          Figure.cost(name + ": memory a route", value(Make.WEFT, When.COLD, value), "B");
      Figure.Peer best = best(all -> all.subList(0, 1), value);
      report.add((best == null ? figure : figure.beside(best.name(), best.value())).goal(goal));
    }

    void fixed(
        String what, String unit, When when, ToDoubleFunction<BgpRun.Round> value, double goal) {
      Figure figure = Figure.cost(name + ": " + what, value(Make.WEFT, when, value), unit);
      Figure.Peer best = best(value);
      report.add((best == null ? figure : figure.beside(best.name(), best.value())).goal(goal));
    }
  }
}
