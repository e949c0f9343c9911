package weft.bfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.bfd.BfdPacket.State;
import weft.net.IpAddress;
import weft.testkit.ForeignDaemon;
import weft.testkit.LabNamespace;

/** Sessions with daemons of other makes, which then vanish. */
@Tag("lab")
@Timeout(300)
class BfdPeersTest {
  private static final Duration INTERVAL = Duration.ofMillis(100);
  private static final String UP = "up";
  private static final String DOWN = "down";

  private final List<AutoCloseable> atEnd = new ArrayList<>();
  private final List<Throwable> faults = new CopyOnWriteArrayList<>();
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private LabNamespace lab;
  private BfdPeers peers;

  private final BfdPeers.Listener listener =
      new BfdPeers.Listener() {
        @Override
        public void up(IpAddress peer) {
          heard.add(UP);
        }

        @Override
        public void down(IpAddress peer, boolean forwardingLost) {
          heard.add(forwardingLost ? "forwarding lost" : DOWN);
        }

        @Override
        public void failed(IpAddress peer, String reason) {
          heard.add(reason);
        }
      };

  @AfterEach
  void closeAll() throws Exception {
    if (peers != null) {
      peers.close();
    }
    for (AutoCloseable one : atEnd) {
      one.close();
    }
    assertThat(faults).isEmpty();
  }

  private void open(String... programs) throws IOException {
    String lacks = LabNamespace.lacks(programs);
    assumeTrue(lacks == null, () -> lacks);
    lab = new LabNamespace();
    atEnd.add(lab);
    peers = BfdPeers.start((_, cause) -> faults.add(cause), new Random(1), listener);
  }

  private IpAddress there() {
    return IpAddress.parse(lab.there());
  }

  private void watch(boolean oneHop) {
    peers.watch(List.of(new BfdPeers.Peer(there(), oneHop, INTERVAL, 3)));
  }

  /** Waits for an event; on a busy machine sessions may fall and come back before it. */
  private void expect(String event) throws InterruptedException {
    for (String next = ""; !event.equals(next); ) {
      next = heard.poll(90, TimeUnit.SECONDS);
      assertThat(next).as("while waiting for %s", event).isNotNull();
    }
  }

  private void await(Predicate<BfdPeers.Status> wanted) {
    long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
    while (!wanted.test(peers.status(there()))) {
      assertThat(System.nanoTime()).as("%s", peers.status(there())).isLessThan(end);
      LockSupport.parkNanos(10_000_000);
    }
  }

  private void awaitUp() {
    BfdPeers.Status wanted = new BfdPeers.Status(State.UP, INTERVAL.multipliedBy(3));
    await(wanted::equals);
  }

  private ForeignDaemon bird(boolean oneHop) throws IOException {
    return ForeignDaemon.bird(
        lab,
        """
        protocol bfd {
          interface "*" { interval 100 ms; multiplier 3; };
          multihop { interval 100 ms; multiplier 3; };
          neighbor %s%s local %s multihop %s;
        }
        """
            .formatted(
                lab.here(),
                oneHop ? " dev \"" + lab.device() + "\"" : "",
                lab.there(),
                oneHop ? "no" : "yes"));
  }

  private ForeignDaemon bfdd() throws IOException {
    return ForeignDaemon.bfdd(
        lab,
        """
        bfd
         peer %s local-address %s
          receive-interval 1000
          transmit-interval 1000
          detect-multiplier 20
         exit
        exit
        """
            .formatted(lab.here(), lab.there()),
        atEnd);
  }

  @Test
  void aBirdThatDiesIsMissed() throws Exception {
    open(ForeignDaemon.BIRD, ForeignDaemon.BIRDC);
    watch(true);
    ForeignDaemon bird = bird(true);
    expect(UP);
    awaitUp();
    heard.clear();
    bird.kill();
    expect(DOWN);
    bird.startAgain();
    expect(UP);
    lab.link(false);
    expect(DOWN);
    lab.link(true);
    expect(UP);
  }

  @Test
  void aBirdThatIsFarAwayIsMissed() throws Exception {
    open(ForeignDaemon.BIRD, ForeignDaemon.BIRDC);
    watch(false);
    ForeignDaemon bird = bird(false);
    expect(UP);
    awaitUp();
    heard.clear();
    bird.kill();
    expect(DOWN);
  }

  /** RFC 5882 section 3.2: an operator who ends BFD does not end what relies on it. */
  @Test
  void frrThatIsShutDownOnPurposeIsNotMissed() throws Exception {
    open(ForeignDaemon.ZEBRA, ForeignDaemon.BFDD, ForeignDaemon.VTYSH);
    ForeignDaemon bfdd = bfdd();
    peers.watch(List.of(new BfdPeers.Peer(there(), true, Duration.ofSeconds(1), 20)));
    expect(UP);
    String peer = "peer " + lab.here() + " local-address " + lab.there();
    lab.in(inOrder(bfdd, "configure terminal", "bfd", peer, "shutdown"));
    await(status -> status.state() == State.DOWN);
    lab.in(inOrder(bfdd, "configure terminal", "bfd", peer, "no shutdown"));
    assertThat(heard.poll(90, TimeUnit.SECONDS)).isEqualTo(UP);
    // Nor does it miss us if we leave.
    String[] show = bfdd.ask("show bfd peers");
    lab.until(output -> output.contains("Status: up"), show);
    peers.watch(List.of());
    assertThat(lab.until(output -> !output.contains("Status: up"), show))
        .contains("Remote diagnostics: administratively down");
    assertThat(heard).isEmpty();
  }

  private static String[] inOrder(ForeignDaemon daemon, String... commands) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < commands.length; i++) {
      if (i > 0) {
        words.add("-c");
      }
      words.add(commands[i]);
    }
    return daemon.ask(words.toArray(String[]::new));
  }

  /** RFC 5881 section 5: what comes over a router cannot be of a neighbour. */
  @Test
  void packetsThatCameOverARouterAreNotHeard() throws Exception {
    open("/bin/bash");
    BlockingQueue<Integer> discriminators = new LinkedBlockingQueue<>();
    IpAddress here = IpAddress.parse(lab.here());
    try (BfdPort _ = BfdPort.open(here, true, (_, packet) -> discriminators.add(packet.mine()));
        BfdPort _ = BfdPort.open(here, false, (_, packet) -> discriminators.add(packet.mine()))) {
      send(1, BfdPort.ONE_HOP);
      send(2, BfdPort.MANY_HOPS);
      lab.in("/bin/bash", "-c", "echo 255 > /proc/sys/net/ipv4/ip_default_ttl");
      send(3, BfdPort.ONE_HOP);
      List<Integer> found = new ArrayList<>();
      while (found.size() < 2) {
        Integer next = discriminators.poll(90, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        found.add(next);
      }
      assertThat(found).containsExactlyInAnyOrder(2, 3);
      assertThat(discriminators).isEmpty();
    }
  }

  private void send(int discriminator, int port) throws IOException {
    byte[] bytes =
        new BfdPacket(State.DOWN, 0, false, false, false, 3, discriminator, 0, 1, 1).toBytes();
    StringBuilder escaped = new StringBuilder();
    for (byte each : bytes) {
      escaped.append("\\x%02x".formatted(each));
    }
    lab.in("/bin/bash", "-c", "printf '%s' > /dev/udp/%s/%d".formatted(escaped, lab.here(), port));
  }
}
