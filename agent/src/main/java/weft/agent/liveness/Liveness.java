package weft.agent.liveness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.liveness.HostPulse.State;
import weft.net.Ipv4Address;

/**
 * Asks the hosts that tunnels lead to, ten times a second, whether they live, by echoes that their
 * datapath sends back (RFC 5881's port; what is in them is this host's own affair, RFC 5880 section
 * 5), and tells which do not.
 *
 * <p>It has a thread of its own. All its questions together are at most {@link #MOST_A_SECOND}:
 * with more hosts each is asked less often.
 */
public final class Liveness implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Liveness.class);
  private static final int ECHO_PORT = 3785;
  private static final int MAGIC = 0x57656674;
  private static final int SIZE = 12;
  private static final int NETWORK_CONTROL = 0xc0;
  private static final long INTERVAL_NS = 100_000_000;
  private static final long MOST_A_SECOND = 2000;
  private static final long SECOND_NS = 1_000_000_000;

  /** Is told, on the thread of this, of hosts that fall silent and that answer again. */
  public interface Listener {
    void silent(Ipv4Address host, boolean silent);
  }

  /**
   * A host, for people.
   *
   * @param sinceMs since its last answer, -1 if it has never answered
   * @param silences how often it fell silent
   */
  public record Status(
      Ipv4Address host, String state, long sinceMs, long roundTripUs, long answers, int silences) {}

  private final Ipv4Address self;
  private final Listener listener;
  private final Thread thread;
  private final Map<Ipv4Address, HostPulse> pulses = new TreeMap<>();
  private volatile Set<Ipv4Address> hosts = Set.of();
  private volatile List<Status> statuses = List.of();
  private volatile Set<Ipv4Address> silent = Set.of();
  private volatile boolean closed;
  private boolean complained;

  /**
   * @param self this host's underlay address, from which it asks
   */
  public Liveness(Ipv4Address self, Listener listener) {
    this.self = self;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("liveness").daemon().start(this::run);
  }

  /** Asks these hosts from now on, and no others. */
  public void follow(Set<Ipv4Address> wanted) {
    hosts = Set.copyOf(wanted);
    LockSupport.unpark(thread);
  }

  /** As it was at the last round. */
  public List<Status> statuses() {
    return statuses;
  }

  /** Hosts that do not answer. */
  public Set<Ipv4Address> silent() {
    return silent;
  }

  private void run() {
    while (!closed) {
      if (hosts.isEmpty()) {
        LockSupport.park(this);
        continue;
      }
      try (Selector selector = Selector.open();
          DatagramChannel channel = open(selector)) {
        complained = false;
        while (!closed && !(hosts.isEmpty() && pulses.isEmpty())) {
          round(selector, channel);
        }
      } catch (IOException e) {
        if (!complained) {
          complained = true;
          LOG.warn("other hosts cannot be asked whether they live: {}", e.getMessage());
        }
        pause();
      }
    }
  }

  private DatagramChannel open(Selector selector) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.bind(new InetSocketAddress(InetAddress.getByAddress(self.toBytes()), 0));
      channel.setOption(StandardSocketOptions.IP_TOS, NETWORK_CONTROL);
      channel.configureBlocking(false);
      SelectionKey _ = channel.register(selector, SelectionKey.OP_READ);
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private void pause() {
    try {
      Thread.sleep(SECOND_NS / 1_000_000);
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  /** Asks all, and hears them until the next round; what has come by then is heard before it. */
  private void round(Selector selector, DatagramChannel channel) throws IOException {
    long begunNs = System.nanoTime();
    reconcile();
    for (Map.Entry<Ipv4Address, HostPulse> each : pulses.entrySet()) {
      ask(channel, each.getKey(), each.getValue());
    }
    long endNs = begunNs + Math.max(INTERVAL_NS, pulses.size() * (SECOND_NS / MOST_A_SECOND));
    hear(channel);
    for (long left = endNs - System.nanoTime(); left > 0; left = endNs - System.nanoTime()) {
      int _ = selector.select(Math.max(1, left / 1_000_000));
      selector.selectedKeys().clear();
      hear(channel);
      if (closed || Thread.interrupted()) {
        closed = true;
        return;
      }
    }
    hear(channel);
    pulses.forEach((host, pulse) -> {
      if (pulse.look()) {
        changed(host, pulse);
      }
    });
    publish();
  }

  private void reconcile() {
    Set<Ipv4Address> wanted = hosts;
    List<Ipv4Address> gone = new ArrayList<>(pulses.keySet());
    gone.removeAll(wanted);
    for (Ipv4Address host : gone) {
      HostPulse pulse = pulses.remove(host);
      if (pulse != null && pulse.state() == State.SILENT) {
        listener.silent(host, false);
      }
    }
    wanted.forEach(host -> pulses.computeIfAbsent(host, _ -> new HostPulse()));
  }

  /** What the kernel cannot send, for want of a way, is a question without an answer. */
  private void ask(DatagramChannel channel, Ipv4Address host, HostPulse pulse) {
    ByteBuffer question = ByteBuffer.allocate(SIZE);
    question.putInt(MAGIC).putInt(pulse.ask(System.nanoTime())).putInt(host.bits()).flip();
    try {
      int _ =
          channel.send(
              question, new InetSocketAddress(InetAddress.getByAddress(host.toBytes()), ECHO_PORT));
    } catch (IOException e) {
      LOG.debug("echo to {}: {}", host, e.getMessage());
    }
  }

  private void hear(DatagramChannel channel) throws IOException {
    ByteBuffer answer = ByteBuffer.allocate(SIZE + 1);
    while (receive(channel, answer.clear())) {
      answer.flip();
      if (answer.remaining() == SIZE && answer.getInt() == MAGIC) {
        int number = answer.getInt();
        Ipv4Address host = new Ipv4Address(answer.getInt());
        HostPulse pulse = pulses.get(host);
        if (pulse != null && pulse.answered(number, System.nanoTime())) {
          changed(host, pulse);
        }
      }
    }
  }

  /** An error that the network has reported of an earlier question ends nothing. */
  private static boolean receive(DatagramChannel channel, ByteBuffer into) throws IOException {
    try {
      return channel.receive(into) != null;
    } catch (PortUnreachableException _) {
      return true;
    }
  }

  private void changed(Ipv4Address host, HostPulse pulse) {
    boolean now = pulse.state() == State.SILENT;
    if (now) {
      long ms = (System.nanoTime() - pulse.answeredNs()) / 1_000_000;
      LOG.warn("host {} has not answered for {} ms: other ways are taken", host, ms);
    } else if (pulse.silences() > 0) {
      LOG.info("host {} answers again", host);
    }
    listener.silent(host, now);
  }

  private void publish() {
    long nowNs = System.nanoTime();
    List<Status> all = new ArrayList<>();
    Set<Ipv4Address> without = new HashSet<>();
    pulses.forEach((host, pulse) -> {
      all.add(status(host, pulse, nowNs));
      if (pulse.state() == State.SILENT) {
        without.add(host);
      }
    });
    statuses = List.copyOf(all);
    silent = Set.copyOf(without);
  }

  private static Status status(Ipv4Address host, HostPulse pulse, long nowNs) {
    String state =
        switch (pulse.state()) {
          case UNKNOWN -> "not watched";
          case ALIVE -> "alive";
          case SILENT -> "silent";
        };
    return new Status(
        host,
        state,
        pulse.answers() == 0 ? -1 : (nowNs - pulse.answeredNs()) / 1_000_000,
        pulse.roundTripNs() / 1000,
        pulse.answers(),
        pulse.silences());
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
