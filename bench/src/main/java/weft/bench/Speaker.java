package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A BGP speaker under load: listens on one address, knows those of the sessions to come and sends
 * nothing into the kernel. It runs in the network namespace of this process.
 */
interface Speaker extends AutoCloseable {
  String HOST = "127.0.0.1";

  /** For one that refuses a session where no interface that it knows has the address: FRR. */
  String LINK_HOST = "172.31.255.1";

  int PORT = 1179;

  String name();

  /** Where it listens. */
  default InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.ofLiteral(HOST), PORT);
  }

  /** The process that does the work. */
  long pid();

  @Override
  void close() throws IOException;

  /** Which speakers there are. */
  enum Make {
    WEFT("Weft", Path.of("/proc/self/exe")),
    BIRD("BIRD", Path.of("/usr/sbin/bird")),
    FRR("FRR", Path.of("/usr/lib/frr/bgpd")),
    GOBGP("GoBGP", Path.of("/usr/bin/gobgpd"));

    final String title;
    private final Path program;

    Make(String title, Path program) {
      this.title = title;
      this.program = program;
    }

    boolean isInstalled() {
      return Files.exists(program);
    }
  }

  /** Starts a speaker with its files in `directory`. */
  static Speaker start(Make make, Plan plan, Path directory)
      throws IOException, InterruptedException {
    return switch (make) {
      case WEFT -> WeftSpeaker.start(plan, directory);
      case BIRD -> Daemons.bird(plan, directory);
      case FRR -> Daemons.frr(plan, directory);
      case GOBGP -> Daemons.goBgp(plan, directory);
    };
  }

  /**
   * Who will connect: senders of another AS, receivers of the own one.
   *
   * @param receivers those that are there from the beginning; one more comes late
   */
  record Plan(BgpLoad.Kind kind, int senders, int receivers) {
    /** A session to come. */
    record Session(String name, String address, int asn) {}

    static String sender(int number) {
      return "127.0.1." + (number + 1);
    }

    static String receiver(int number) {
      return "127.0.2." + (number + 1);
    }

    List<Session> sessions() {
      List<Session> all = new ArrayList<>();
      for (int i = 0; i < senders; i++) {
        all.add(new Session("s" + i, sender(i), BgpLoad.SENDER_AS));
      }
      for (int i = 0; i <= receivers; i++) {
        all.add(new Session("r" + i, receiver(i), BgpLoad.OWN_AS));
      }
      return all;
    }
  }

  /** The time on processors that it has taken so far, in seconds. */
  default double cpu() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  /** Resident memory in bytes. */
  default long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException(name() + " has ended");
  }

  /** Ends a process and waits until it is gone. */
  static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
