package weft.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A daemon of another make in a namespace of its own, and how to ask it. */
public final class ForeignDaemon {
  public static final String GOBGPD = "/usr/bin/gobgpd";
  public static final String GOBGP = "/usr/bin/gobgp";
  public static final String ZEBRA = "/usr/lib/frr/zebra";
  public static final String BGPD = "/usr/lib/frr/bgpd";
  public static final String BFDD = "/usr/lib/frr/bfdd";
  public static final String VTYSH = "/usr/bin/vtysh";
  public static final String BIRD = "/usr/sbin/bird";
  public static final String BIRDC = "/usr/sbin/birdc";
  public static final String EXABGP = "/usr/sbin/exabgp";

  private static final AtomicInteger COUNT = new AtomicInteger();

  /** Starts a daemon once more, as it was started. */
  private interface Start {
    Process start() throws IOException;
  }

  private final List<String> ask;
  private final Start start;
  private Process process;

  private ForeignDaemon(List<String> ask, Start start) throws IOException {
    this.ask = ask;
    this.start = start;
    process = start.start();
  }

  /** Ends it without a word. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }

  public void startAgain() throws IOException {
    process = start.start();
  }

  /** Asks the daemon by its own client. */
  public String[] ask(String... words) {
    return Stream.concat(ask.stream(), Stream.of(words)).toArray(String[]::new);
  }

  /**
   * @param neighbor lines of the `neighbors.config` table
   */
  public static ForeignDaemon gobgp(LabNamespace lab, String neighbor, String... families)
      throws IOException {
    StringBuilder config =
        new StringBuilder(
            """
            [global.config]
            as = 64512
            router-id = "%2$s"
            port = 1179
            local-address-list = ["%2$s"]
            [[neighbors]]
            [neighbors.config]
            neighbor-address = "%1$s"
            peer-as = 64512
            %3$s
            [neighbors.transport.config]
            passive-mode = true
            local-address = "%2$s"
            """
                .formatted(lab.here(), lab.there(), neighbor));
    for (String family : families) {
      config
          .append("[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\n")
          .append("afi-safi-name = \"%s\"\n".formatted(family));
    }
    Path file = lab.file("gobgp.toml", config.toString());
    ForeignDaemon gobgp =
        new ForeignDaemon(
            List.of(GOBGP),
            () ->
                lab.daemon(
                    "gobgpd.log",
                    GOBGPD,
                    "-f",
                    file.toString(),
                    "--api-hosts",
                    "127.0.0.1:50051",
                    "--pprof-disable",
                    "-l",
                    "warn"));
    lab.until(output -> output.contains(lab.here()), GOBGP, "neighbor");
    return gobgp;
  }

  /**
   * Its daemons want a socket folder of their own.
   *
   * @param atEnd gets what is to be closed after the namespace
   */
  public static ForeignDaemon frr(LabNamespace lab, String config, List<AutoCloseable> atEnd)
      throws IOException {
    Path bgpd = lab.file("bgpd.conf", "frr defaults datacenter\n" + config);
    String space = zebra(lab, atEnd);
    Path sockets = sockets(space);
    String[] command = {
      BGPD,
      "-n",
      "-N",
      space,
      "-f",
      bgpd.toString(),
      "-i",
      sockets.resolve("bgpd.pid").toString(),
      "-P",
      "0",
      "-p",
      "1179",
      "-l",
      lab.there()
    };
    return new ForeignDaemon(
        List.of(VTYSH, "-N", space, "-c"), () -> lab.daemon("bgpd.log", command));
  }

  /** FRR's BFD alone; the rest as with all of FRR. */
  public static ForeignDaemon bfdd(LabNamespace lab, String config, List<AutoCloseable> atEnd)
      throws IOException {
    Path file = lab.file("bfdd.conf", config);
    String space = zebra(lab, atEnd);
    Path sockets = sockets(space);
    String[] command = {
      BFDD,
      "-N",
      space,
      "-f",
      file.toString(),
      "-i",
      sockets.resolve("bfdd.pid").toString(),
      "--bfdctl",
      sockets.resolve("bfdd.sock").toString(),
      "-P",
      "0"
    };
    return new ForeignDaemon(
        List.of(VTYSH, "-N", space, "-c"), () -> lab.daemon("bfdd.log", command));
  }

  private static Path sockets(String space) {
    return Path.of("/var/run/frr", space);
  }

  /** Starts what FRR's daemons need; returns the name under which they find each other. */
  private static String zebra(LabNamespace lab, List<AutoCloseable> atEnd) throws IOException {
    String space = "weft-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
    Path sockets = sockets(space);
    Files.createDirectories(sockets);
    atEnd.add(() -> delete(sockets));
    LabNamespace.run("chmod", "755", lab.folder().toString());
    Path zebra = lab.file("zebra.conf", "vni 200\n");
    LabNamespace.run("chown", "-R", "frr:frr", sockets.toString(), lab.folder().toString());
    lab.daemon(
        "zebra.log",
        ZEBRA,
        "-N",
        space,
        "-f",
        zebra.toString(),
        "-i",
        sockets.resolve("zebra.pid").toString(),
        "-P",
        "0");
    await(sockets.resolve("zserv.api"));
    return space;
  }

  public static ForeignDaemon bird(LabNamespace lab, String config) throws IOException {
    Path file = lab.file("bird.conf", "router id 10.0.0.3;\nprotocol device { }\n" + config);
    Path socket = lab.folder().resolve("bird.ctl");
    return new ForeignDaemon(
        List.of(BIRDC, "-s", socket.toString()),
        () -> lab.daemon("bird.log", BIRD, "-f", "-c", file.toString(), "-s", socket.toString()));
  }

  /** Asked, it shows what it has heard so far, in JSON. */
  public static ForeignDaemon exabgp(LabNamespace lab, String neighbor) throws IOException {
    Path heard = lab.file("heard.json", "");
    Path script =
        lab.file(
            "hear", "#!/bin/sh\nwhile read -r line; do echo \"$line\"; done >> " + heard + "\n");
    LabNamespace.run("chmod", "755", lab.folder().toString(), script.toString());
    Path file =
        lab.file(
            "exabgp.conf",
            "process hear { run %s; encoder json; }\n%s".formatted(script, neighbor));
    String[] command = {
      "/usr/bin/env",
      "exabgp.daemon.user=root",
      "exabgp.daemon.drop=false",
      "exabgp.api.cli=false",
      EXABGP,
      file.toString()
    };
    return new ForeignDaemon(
        List.of("/bin/cat", heard.toString()), () -> lab.daemon("exabgp.log", command));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : new ArrayList<>(files.sorted(Comparator.reverseOrder()).toList())) {
        Files.deleteIfExists(path);
      }
    }
  }

  private static void await(Path file) {
    long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!Files.exists(file)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited for " + file);
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }
}
