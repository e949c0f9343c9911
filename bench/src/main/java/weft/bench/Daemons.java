package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** BIRD, FRR and GoBGP with the same sessions as ours. */
final class Daemons implements Speaker {
  private final Make make;
  private final List<Process> processes;

  private Daemons(Make make, List<Process> processes) {
    this.make = make;
    this.processes = List.copyOf(processes);
  }

  static Daemons bird(Plan plan, Path directory) throws IOException {
    StringBuilder text = new StringBuilder("router id 10.255.0.1;\nprotocol device { }\n");
    text.append("protocol direct { ipv4; }\nipv4 table hops; vpn4 table vpns;\n");
    text.append("protocol static { ipv4 { table hops; }; route 172.16.0.0/12 via \"")
        .append(Namespace.LINK)
        .append("\"; }\n");
    String channel =
        switch (plan.kind()) {
          case VPNV4 -> "vpn4 mpls { table vpns; igp table hops;";
          case IPV4 -> "ipv4 { igp table hops;";
          case EVPN -> throw new IOException("this BIRD knows no EVPN");
        };
    for (Plan.Session session : plan.sessions()) {
      text.append("protocol bgp %s {\n".formatted(session.name()))
          .append("  local %s port %d as %d;\n".formatted(HOST, PORT, BgpLoad.OWN_AS))
          .append("  neighbor %s as %d;\n".formatted(session.address(), session.asn()))
          .append("  multihop; passive; hold time 240; error wait time 1, 2;\n  ")
          .append(channel)
          .append(" import all; export all; gateway recursive; };\n}\n");
    }
    Path config = Files.writeString(directory.resolve("bird.conf"), text);
    return new Daemons(
        Make.BIRD,
        List.of(
            start(
                directory,
                "bird",
                "/usr/sbin/bird",
                "-f",
                "-c",
                config.toString(),
                "-s",
                directory.resolve("bird.ctl").toString())));
  }

  static Daemons frr(Plan plan, Path directory) throws IOException, InterruptedException {
    String family =
        switch (plan.kind()) {
          case VPNV4 -> "ipv4 vpn";
          case EVPN -> "l2vpn evpn";
          case IPV4 -> "ipv4 unicast";
        };
    StringBuilder text = new StringBuilder("frr defaults datacenter\n");
    text.append("router bgp %d\n bgp router-id 10.255.0.1\n".formatted(BgpLoad.OWN_AS))
        .append(" no bgp default ipv4-unicast\n no bgp ebgp-requires-policy\n");
    for (Plan.Session session : plan.sessions()) {
      String line = " neighbor " + session.address() + " ";
      text.append(line).append("remote-as ").append(session.asn()).append('\n');
      text.append(line).append("passive\n").append(line).append("timers 60 240\n");
      if (session.asn() != BgpLoad.OWN_AS) {
        text.append(line).append("ebgp-multihop 2\n");
        text.append(line).append("disable-connected-check\n");
      }
    }
    text.append(" address-family ").append(family).append('\n');
    plan.sessions()
        .forEach(
            session -> text.append("  neighbor ").append(session.address()).append(" activate\n"));
    text.append(" exit-address-family\n");
    Path config = Files.writeString(directory.resolve("bgpd.conf"), text);
    Path zebraConfig = Files.writeString(directory.resolve("zebra.conf"), "hostname bench\n");
    Path sockets = Path.of("/var/run/frr/" + Namespace.NAME);
    Files.createDirectories(sockets);
    run("chown", "-R", "frr:frr", directory.toString(), sockets.toString());
    Process zebra =
        start(
            directory,
            "zebra",
            "/usr/lib/frr/zebra",
            "-N",
            Namespace.NAME,
            "-f",
            zebraConfig.toString(),
            "-i",
            directory.resolve("zebra.pid").toString(),
            "-P",
            "0");
    TimeUnit.SECONDS.sleep(1);
    Process bgpd =
        start(
            directory,
            "bgpd",
            "/usr/lib/frr/bgpd",
            "-n",
            "-N",
            Namespace.NAME,
            "-f",
            config.toString(),
            "-i",
            directory.resolve("bgpd.pid").toString(),
            "-P",
            "0",
            "-p",
            Integer.toString(PORT),
            "-l",
            LINK_HOST);
    return new Daemons(Make.FRR, List.of(bgpd, zebra));
  }

  static Daemons goBgp(Plan plan, Path directory) throws IOException {
    String family =
        switch (plan.kind()) {
          case VPNV4 -> "l3vpn-ipv4-unicast";
          case EVPN -> "l2vpn-evpn";
          case IPV4 -> "ipv4-unicast";
        };
    StringBuilder text = new StringBuilder("[global.config]\n");
    text.append("as = %d\nrouter-id = \"10.255.0.1\"\n".formatted(BgpLoad.OWN_AS))
        .append("port = %d\n".formatted(PORT))
        .append("local-address-list = [\"%s\"]\n".formatted(HOST));
    for (Plan.Session session : plan.sessions()) {
      text.append("[[neighbors]]\n[neighbors.config]\n")
          .append("neighbor-address = \"%s\"\n".formatted(session.address()))
          .append("peer-as = %d\n".formatted(session.asn()))
          .append("[neighbors.transport.config]\npassive-mode = true\n")
          .append("local-address = \"%s\"\n".formatted(HOST))
          .append("[neighbors.ebgp-multihop.config]\nenabled = true\nmultihop-ttl = 2\n")
          .append("[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\n")
          .append("afi-safi-name = \"%s\"\n".formatted(family));
    }
    Path config = Files.writeString(directory.resolve("gobgp.toml"), text);
    return new Daemons(
        Make.GOBGP,
        List.of(
            start(
                directory,
                "gobgp",
                "/usr/bin/gobgpd",
                "-f",
                config.toString(),
                "--api-hosts",
                "127.0.0.1:50051",
                "--pprof-disable",
                "-l",
                "warn")));
  }

  private static Process start(Path directory, String name, String... command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(name + ".log").toFile())
        .redirectInput(Path.of("/dev/null").toFile())
        .start();
  }

  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(new ArrayList<>(List.of(command))).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  @Override
  public String name() {
    return make.title;
  }

  @Override
  public InetSocketAddress address() {
    String host = make == Make.FRR ? LINK_HOST : HOST;
    return new InetSocketAddress(InetAddress.ofLiteral(host), PORT);
  }

  @Override
  public long pid() {
    return processes.getFirst().pid();
  }

  @Override
  public void close() {
    processes.forEach(Speaker::end);
  }
}
