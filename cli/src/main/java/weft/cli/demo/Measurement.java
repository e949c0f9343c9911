package weft.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.LabException;
import weft.lab.Namespace;
import weft.lab.PlainPath;
import weft.lab.Tenant;

/**
 * Figures of a running demo: memory, time from a port's REST call to its first ping, throughput.
 */
final class Measurement {
  private static final int PORTS = 50;
  private static final int SECONDS = 5;

  private final Narrator narrator;
  private final Demo demo;

  Measurement(Narrator narrator, Demo demo) {
    this.narrator = narrator;
    this.demo = demo;
  }

  void run() {
    narrator.chapter("Figures");
    narrator.check("memory", this::memory);
    narrator.check(
        "REST call that adds a port to its first answered ping, " + PORTS + " ports",
        this::portLatency);
    narrator.check("memory with " + PORTS + " more ports made and removed", this::memory);
    narrator.check(
        "TCP between guests beside the same through plain routed veth", this::throughput);
  }

  private String memory() {
    Cluster cluster = demo.cluster();
    return "controller %d MiB, vrouter h1 %d MiB, vrouter h2 %d MiB resident"
        .formatted(
            cluster.controller().residentKib() / 1024,
            cluster.host("h1").vrouter().residentKib() / 1024,
            cluster.host("h2").vrouter().residentKib() / 1024);
  }

  private String portLatency() {
    Tenant tenant = demo.tenant("a");
    Guest from = tenant.guest("1a");
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < PORTS; i++) {
      String name = "m" + i;
      long start = System.nanoTime();
      Tenant.Port port = tenant.addGuest(name, demo.cluster().host("h2"));
      Namespace namespace = port.guest().namespace();
      namespace.ip("address add " + port.address() + "/24 dev eth0");
      Command.Result answered =
          from.namespace()
              .run("ping", "-n", "-q", "-c", "1", "-i", "0.01", "-w", "10", port.address());
      if (!answered.ok()) {
        throw new LabException(name + " at " + port.address() + " never answered");
      }
      millis.add((System.nanoTime() - start) / 1_000_000);
      tenant.removeGuest(name);
    }
    Collections.sort(millis);
    return "p50 %d ms, p99 %d ms, least %d ms"
        .formatted(millis.get(PORTS / 2), millis.get(PORTS - 1), millis.getFirst());
  }

  private String throughput() {
    Tenant tenant = demo.tenant("a");
    List<Double> overlay = new ArrayList<>();
    List<Double> plain = new ArrayList<>();
    try (PlainPath path = PlainPath.create(demo.cluster().underlay())) {
      for (int round = 0; round < 3; round++) {
        plain.add(gigabits(path.from(), path.to(), path.toAddress()));
        overlay.add(
            gigabits(
                tenant.guest("1a").namespace(),
                tenant.guest("2a").namespace(),
                tenant.address("2a")));
      }
    }
    double ours = median(overlay);
    double theirs = median(plain);
    return "%.2f Gb/s beside %.2f Gb/s, ratio %.2f (medians of 3 rounds of %d s, in turn)"
        .formatted(ours, theirs, ours / theirs, SECONDS);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static double gigabits(Namespace from, Namespace to, String address) {
    to.run("iperf3", "-s", "-1", "-D", "-B", address).orThrow();
    Await.until(
        "iperf3 listens",
        Duration.ofSeconds(5),
        () -> to.run("ss", "-ltn").output().contains(":5201"));
    String json =
        Command.run(
                Command.prefixed(from.prefix(), "iperf3", "-c", address, "-J", "-t", "" + SECONDS),
                Duration.ofSeconds(SECONDS + 20))
            .orThrow();
    return ApiClient.json(json).path("end").path("sum_received").path("bits_per_second").asDouble()
        / 1e9;
  }
}
