package weft.bench;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/**
 * Measures the control node under agents: many of them, each in a network of its own share and in
 * one that all are in.
 */
public final class XmppBench {
  private static final long LIMIT = TimeUnit.MINUTES.toNanos(5);
  private static final double FAN_OUT_MS = 100;
  private static final double UPDATES_A_MINUTE = 1_000_000;

  /** What is offered: a tenth more than the goal, so that what comes late shows in the rate. */
  private static final double OFFERED = 1.1 * UPDATES_A_MINUTE / 60;

  private static final String PROJECT = "default-domain:default-project:";

  /**
   * @param agents simulated
   * @param networks to which they belong in equal shares
   * @param routes of all of them together
   * @param seconds for which updates are sustained
   */
  public record Size(int agents, int networks, int routes, int seconds) {
    public static final Size FULL = new Size(2000, 500, 100_000, 60);
    public static final Size QUICK = new Size(2000, 500, 100_000, 15);

    int routesOfAgent() {
      return routes / agents;
    }

    /** Updates of one network. */
    int churn() {
      return routes / 5;
    }

    int agentsOfNetwork() {
      return agents / networks;
    }
  }

  private final Size size;
  private final Report report;
  private final int port = Server.freePort();
  private final int introspection = Server.freePort();
  private final int bgp = Server.freePort();
  private int nextProbe;

  /**
   * @throws IOException if there are no free ports
   */
  public XmppBench(Size size, Report report) throws IOException {
    this.size = size;
    this.report = report;
  }

  /** Runs all. */
  public void run() throws IOException, InterruptedException {
    try (Scratch scratch = Scratch.make();
        AgentSwarm swarm = new AgentSwarm()) {
      Path directory = scratch.directory();
      swarm.add(size.agents);
      try (Server server = start(directory)) {
        networks(server);
        awaitReady(size.networks);
        spread(swarm, server);
        fanOut(swarm);
        stalled(swarm, server);
        sustained(swarm, server);
        report.add(Figure.cost("XMPP: resident memory", server.residentBytes() / 1048576.0, "MiB"));
      }
      restart(swarm, directory);
    }
  }

  private Server start(Path directory) throws IOException, InterruptedException {
    return Server.start(
        directory,
        Map.of(
            "roles",
            "api,compiler,control",
            "control.xmpp.port",
            Integer.toString(port),
            "control.bgp.port",
            Integer.toString(bgp),
            "control.introspection.port",
            Integer.toString(introspection),
            "control.hold.seconds",
            "3600"));
  }

  /** Waits until the control node knows so many routing instances and lets agents in. */
  private void awaitReady(int instances) throws IOException, InterruptedException {
    long until = System.nanoTime() + LIMIT;
    try (HttpCalls calls = new HttpCalls("http://127.0.0.1:" + introspection)) {
      while (System.nanoTime() < until) {
        try (Socket _ = new Socket(address().getAddress(), port)) {
          HttpCalls.Reply status = calls.get("/status");
          if (status.ok() && status.json().path("routing_instances").asInt() > instances) {
            return;
          }
        } catch (ConnectException _) {
          // It is not yet there.
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
      throw new IOException("the control node does not let agents in");
    }
  }

  private InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private void networks(Server server) throws IOException, InterruptedException {
    try (HttpCalls calls = new HttpCalls("http://127.0.0.1:" + server.address().getPort())) {
      for (int i = 0; i <= size.networks; i++) {
        ObjectNode body = Json.object();
        ObjectNode network = body.putObject("virtual-network");
        network.put("parent_type", "project");
        network.putArray("fq_name").add("default-domain").add("default-project").add("n" + i);
        HttpCalls.Reply reply = calls.post("/virtual-networks", body);
        if (!reply.ok()) {
          throw new IOException("no network: " + reply.text());
        }
      }
    }
  }

  private static String vrf(int network) {
    return PROJECT + "n" + network + ":n" + network;
  }

  /** The one that all agents are in. */
  private String everywhere() {
    return vrf(size.networks);
  }

  private int networkOf(int agent) {
    return agent % size.networks;
  }

  private void subscribeAll(AgentSwarm swarm) throws IOException {
    for (int i = 0; i < size.agents; i++) {
      swarm.agents().get(i).subscribe(vrf(networkOf(i)), 1);
      swarm.agents().get(i).subscribe(everywhere(), 2);
    }
  }

  private void publishAll(AgentSwarm swarm, int label) throws IOException {
    for (int route = 0; route < size.routesOfAgent(); route++) {
      for (int i = 0; i < size.agents; i++) {
        swarm.agents().get(i).publish(vrf(networkOf(i)), address(i, route), label);
      }
      swarm.turn(0);
    }
  }

  private String address(int agent, int route) {
    int number = agent / size.networks * size.routesOfAgent() + route;
    return "10.1." + (number >> 8) + "." + (number & 255);
  }

  private long expected() {
    return (long) size.agentsOfNetwork() * size.routesOfAgent();
  }

  /** Waits until each agent has had so many items; returns when the last of them came. */
  private static long awaitItems(AgentSwarm swarm, long each) throws IOException {
    swarm.await(
        each + " items for each agent",
        () -> swarm.agents().stream().allMatch(agent -> agent.items >= each),
        LIMIT);
    return swarm.agents().stream().mapToLong(agent -> agent.lastItemNs).max().orElse(0);
  }

  private void spread(AgentSwarm swarm, Server server) throws IOException {
    long begun = System.nanoTime();
    swarm.connect(address(), LIMIT);
    report.add(
        Figure.cost(
            "XMPP: %d agents connect".formatted(size.agents),
            (System.nanoTime() - begun) / 1e9,
            "s"));
    subscribeAll(swarm);
    long heap = server.heapBytes();
    double cpu = server.cpu().toNanos() / 1e9;
    begun = System.nanoTime();
    publishAll(swarm, 25);
    long last = awaitItems(swarm, expected());
    String what =
        "XMPP: %d routes of %d agents in %d VRFs"
            .formatted(size.routes, size.agents, size.networks);
    report.add(
        Figure.cost(what + ", cold: until the last agent has all", (last - begun) / 1e9, "s"));
    report.add(Figure.cost(what + ", cold: CPU", server.cpu().toNanos() / 1e9 - cpu, "s"));
    report.add(
        Figure.cost(
            what + ": heap a route", (server.heapBytes() - heap) / (double) size.routes, "B"));
  }

  /** One route at a time into the network that all are in; the first meets cold code. */
  private void fanOut(AgentSwarm swarm) throws IOException {
    int rounds = 60;
    double[] times = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      AgentSwarm.Agent source = swarm.agents().get(round);
      long had = source.probes;
      long begun = System.nanoTime();
      source.publish(everywhere(), probe(), 30);
      swarm.await(
          "the route at all agents",
          () -> swarm.agents().stream().allMatch(agent -> agent.probes > had),
          LIMIT);
      long last = swarm.agents().stream().mapToLong(agent -> agent.lastProbeNs).max().orElse(0);
      times[round] = (last - begun) / 1e6;
    }
    String what = "XMPP: one route to %d agents".formatted(size.agents);
    report.add(Figure.cost(what + ", cold", times[0], "ms").goal(FAN_OUT_MS));
    double[] warm = Arrays.copyOfRange(times, 10, rounds);
    Arrays.sort(warm);
    report.add(Figure.cost(what + ", p50", percentile(warm, 50), "ms").goal(FAN_OUT_MS));
    report.add(Figure.cost(what + ", p99", percentile(warm, 99), "ms").goal(FAN_OUT_MS));
  }

  private String probe() {
    int number = nextProbe++;
    return AgentSwarm.PROBE + (number >> 8) + "." + (number & 255);
  }

  private static double percentile(double[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  /** Routes of one network change while one of its agents does not read, and while all read. */
  private void stalled(AgentSwarm swarm, Server server) throws IOException {
    List<AgentSwarm.Agent> members =
        IntStream.range(0, size.agents)
            .filter(i -> networkOf(i) == 0)
            .mapToObj(swarm.agents()::get)
            .toList();
    double usual = churn(swarm, members, members, 100);
    usual = Math.min(usual, churn(swarm, members, members, 200));
    long heap = server.heapBytes();
    members.getLast().stall();
    List<AgentSwarm.Agent> reading = members.subList(0, members.size() - 1);
    double beside = churn(swarm, members, reading, 300);
    beside = Math.min(beside, churn(swarm, members, reading, 400));
    double growth = (server.heapBytes() - heap) / 1048576.0;
    members.getLast().resume();
    report.add(Figure.cost("XMPP: %d updates in a VRF".formatted(size.churn()), usual, "s"));
    report.add(
        Figure.cost("XMPP: the same beside an agent that does not read", beside, "s")
            .goal(Math.max(usual * 1.5, usual + 0.2)));
    report.add(Figure.cost("XMPP: heap for that agent", growth, "MiB").goal(32));
  }

  /**
   * The first member changes its routes; returns after how long the readers know the last state.
   */
  private double churn(
      AgentSwarm swarm,
      List<AgentSwarm.Agent> members,
      List<AgentSwarm.Agent> readers,
      int firstLabel)
      throws IOException {
    AgentSwarm.Agent source = members.getFirst();
    long begun = System.nanoTime();
    int rounds = size.churn() / size.routesOfAgent();
    for (int round = 0; round < rounds; round++) {
      for (int route = 0; route < size.routesOfAgent(); route++) {
        source.publish(vrf(0), address(0, route), firstLabel + round);
      }
      swarm.turn(0);
    }
    long[] before = readers.stream().mapToLong(reader -> reader.probes).toArray();
    source.publish(vrf(0), probe(), 30);
    swarm.await(
        "the last update",
        () -> IntStream.range(0, before.length).allMatch(i -> readers.get(i).probes > before[i]),
        LIMIT);
    long last = readers.stream().mapToLong(reader -> reader.lastProbeNs).max().orElse(0);
    return (last - begun) / 1e9;
  }

  /** Every agent changes its routes in turn, a million a minute in all. */
  private void sustained(AgentSwarm swarm, Server server) throws IOException {
    double cpu = server.cpu().toNanos() / 1e9;
    long total = (long) (OFFERED * size.seconds);
    AgentSwarm.Agent watcher = swarm.agents().get(size.networks);
    AgentSwarm.Agent source = swarm.agents().getFirst();
    List<Double> times = new ArrayList<>();
    long begun = System.nanoTime();
    long sent = 0;
    long probeSentNs = 0;
    long probesBefore = 0;
    while (sent < total) {
      long due = Math.min(total, (long) ((System.nanoTime() - begun) / 1e9 * OFFERED));
      for (; sent < due; sent++) {
        int agent = (int) (sent % size.agents);
        int route = (int) (sent / size.agents % size.routesOfAgent());
        int label = 1000 + (int) (sent / size.routes);
        swarm.agents().get(agent).publish(vrf(networkOf(agent)), address(agent, route), label);
      }
      if (probeSentNs != 0 && watcher.probes > probesBefore) {
        times.add((watcher.lastProbeNs - probeSentNs) / 1e6);
        probeSentNs = 0;
      }
      if (probeSentNs == 0 && times.size() < (System.nanoTime() - begun) / 100_000_000L) {
        probesBefore = watcher.probes;
        probeSentNs = System.nanoTime();
        source.publish(vrf(0), probe(), 30);
      }
      swarm.turn(1);
    }
    long ended = System.nanoTime();
    swarm.await("sent", () -> swarm.agents().stream().allMatch(AgentSwarm.Agent::isDrained), LIMIT);
    long[] before = {watcher.probes};
    source.publish(vrf(0), probe(), 30);
    swarm.await("the last probe", () -> watcher.probes > before[0], LIMIT);
    double took = (watcher.lastProbeNs - begun) / 1e9;
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    String what = "XMPP: updates for %d s".formatted(size.seconds);
    report.add(Figure.rate(what, total / took * 60, "1/min").goal(UPDATES_A_MINUTE));
    report.add(Figure.cost(what + ": late at the end", took - (ended - begun) / 1e9, "s"));
    report.add(Figure.cost(what + ": CPU", (server.cpu().toNanos() / 1e9 - cpu) / took, "cores"));
    if (sorted.length > 0) {
      report.add(Figure.cost(what + ": to a neighbour, p50", percentile(sorted, 50), "ms"));
      report.add(Figure.cost(what + ": to a neighbour, p99", percentile(sorted, 99), "ms"));
    }
  }

  /** The controller starts anew, and all agents come and tell everything at once. */
  private void restart(AgentSwarm swarm, Path directory) throws IOException, InterruptedException {
    swarm.disconnect();
    long begun = System.nanoTime();
    try (Server server = start(directory)) {
      awaitReady(size.networks);
      swarm.connect(address(), LIMIT);
      subscribeAll(swarm);
      publishAll(swarm, 25);
      long last = awaitItems(swarm, expected());
      report.add(
          Figure.cost(
              "XMPP: restart, until all %d agents have all routes".formatted(size.agents),
              (last - begun) / 1e9,
              "s"));
      report.add(Figure.cost("XMPP: restart: CPU", server.cpu().toNanos() / 1e9, "s"));
    }
  }
}
