package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;
import weft.cli.Main;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.Program;
import weft.lab.Tenant;

/**
 * What an operator finds out about a packet: trace, why-dropped and capture on a running fabric.
 */
@Tag("lab")
class ToolsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int HEADER = 24;

  @Test
  @Timeout(240)
  void aPacketIsTracedSeenAndItsLossExplained() {
    try (Cluster cluster = Cluster.start("wtool", List.of("h1", "h2"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "a", "10.1.1.0/24");
      Guest near = tenant.addGuest("1a", cluster.host("h1")).guest();
      Guest far = tenant.addGuest("2a", cluster.host("h2")).guest();
      tenant.configureGuests(SOON);
      String to = tenant.address("2a");
      Await.until("packets flow", SOON, () -> near.pings(to));

      String[] icmp = trace(near, tenant.address("1a"), to, "icmp");
      assertThat(weft(icmp)).contains("sent to 172.31.0.12 by MPLSoUDP", "on 172.31.0.12:");
      assertThat(weft(icmp)).contains("=> delivered to " + far.tap());
      captures(cluster, tenant);

      tenant.allowIcmp(false);
      lossIsExplained(near, far, to);
      Await.until(
          "the trace ends at the group of the other host",
          SOON,
          () -> weft(icmp).contains("=> dropped: SECURITY_GROUP_IN"));
      assertThat(weft(trace(near, tenant.address("1a"), to, "tcp")))
          .as("TCP is let in")
          .contains("=> delivered to " + far.tap());
    }
  }

  private static String[] trace(Guest from, String source, String to, String protocol) {
    return new String[] {
      "trace",
      "--on",
      "h1",
      "--vif",
      from.tap(),
      "--src",
      source,
      "--dst",
      to,
      "--proto",
      protocol,
      "--sport",
      "1000",
      "--dport",
      "2000"
    };
  }

  /** Runs a command in this process. */
  private static String weft(String... arguments) {
    StringWriter out = new StringWriter();
    CommandLine weft = Main.commandLine();
    weft.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    int code = weft.execute(arguments);
    assertThat(code).as(out.toString()).isZero();
    return out.toString();
  }

  private static void lossIsExplained(Guest near, Guest far, String to) {
    StringWriter seen = new StringWriter();
    CompletableFuture<Integer> follower =
        CompletableFuture.supplyAsync(() -> {
          CommandLine weft = Main.commandLine();
          weft.setOut(new PrintWriter(seen, true));
          return weft.execute("why-dropped", "--on", "h2", "--vif", far.tap(), "--for", "20");
        });
    Await.until(
        "the drop is told with its flow",
        SOON,
        () -> {
          boolean _ = near.pings(to);
          return seen.toString().contains("SECURITY_GROUP_IN") || follower.isDone();
        });
    assertThat(seen.toString())
        .contains(far.tap() + "  SECURITY_GROUP_IN  icmp")
        .contains("-> " + to)
        .contains("ingress");
    assertThat(follower.join()).isZero();
  }

  /** On the guest's device, and on the underlay by what is inside its tunnels. */
  private static void captures(Cluster cluster, Tenant tenant) {
    ComputeHost host = cluster.host("h1");
    Guest near = tenant.guest("1a");
    String to = tenant.address("2a");
    List<Path> files = new ArrayList<>();
    List<Program> programs = new ArrayList<>();
    try {
      for (String vif : List.of(near.tap(), "eth0")) {
        Path file = cluster.directory().resolve(vif + ".pcap");
        files.add(file);
        programs.add(capture(cluster, host, vif, to, file));
      }
      Await.until(
          "both captures run",
          SOON,
          () -> files.stream().allMatch(file -> file.toFile().length() >= HEADER));
      Await.until(
          "both captures have seen what they were asked for",
          SOON,
          () -> {
            boolean _ = near.pings(tenant.address("2a"));
            return files.stream().allMatch(file -> lines(file).size() == 4);
          });
      assertThat(lines(files.getFirst()))
          .allMatch(line -> line.contains(tenant.address("1a")) && line.contains("ICMP echo"));
      assertThat(lines(files.getLast())).allMatch(line -> line.contains("6635"));
    } finally {
      programs.forEach(Program::close);
    }
  }

  private static Program capture(
      Cluster cluster, ComputeHost host, String vif, String to, Path file) {
    return Program.weft(
        "capture at " + vif,
        host.namespace().prefix(),
        cluster.directory().resolve("capture.log"),
        List.of("-XX:TieredStopAtLevel=1", "-Xmx64m"),
        "capture",
        "--vif",
        vif,
        "--host",
        to,
        "--proto",
        "icmp",
        "--count",
        "4",
        "--for",
        "120",
        "--write",
        file.toString());
  }

  /** As tcpdump reads it. */
  private static List<String> lines(Path file) {
    Command.Result read = Command.run("tcpdump", "-n", "-t", "-r", file.toString());
    return read.output().lines().filter(line -> line.startsWith("IP")).toList();
  }
}
