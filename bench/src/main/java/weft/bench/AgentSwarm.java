package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Many simulated agents over real sockets, driven by one thread. They make and count stanzas by
 * their bytes, not with our codec: an agent knows how many items it was sent, and how many of them
 * were probes.
 */
final class AgentSwarm implements AutoCloseable {
  /** Routes of this prefix are probes. */
  static final String PROBE = "10.255.";

  private static final byte[] ITEM = bytes("<item id=\"");
  private static final byte[] PROBE_BYTES = bytes(PROBE);
  private static final int SOURCES = 250;

  private final Selector selector = Selector.open();
  private final List<Agent> agents = new ArrayList<>();
  private final ByteBuffer input = ByteBuffer.allocateDirect(1 << 18);
  private final byte[] chunk = new byte[1 << 18];

  AgentSwarm() throws IOException {}

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** One agent. */
  final class Agent {
    final String name;
    private final int number;
    private SocketChannel channel;
    private SelectionKey key;
    private final Deque<ByteBuffer> output = new ArrayDeque<>();
    private int matched;
    private int probing = -1;
    private long stanzas;
    boolean connected;
    boolean open;
    boolean lost;
    long items;
    long probes;
    long lastItemNs;
    long lastProbeNs;

    @SuppressWarnings("NullAway.Init") // connect follows before anyone sees it
    private Agent(int number) {
      this.number = number;
      this.name = "bench-" + number;
    }

    /** An address of its own on loopback. */
    String address() {
      return "127."
          + (1 + number / (SOURCES * SOURCES))
          + "."
          + (1 + number / SOURCES % SOURCES)
          + "."
          + (1 + number % SOURCES);
    }

    private void connect(InetSocketAddress to) throws IOException {
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      channel.bind(new InetSocketAddress(InetAddress.ofLiteral(address()), 0));
      connected = channel.connect(to);
      open = false;
      lost = false;
      matched = 0;
      probing = -1;
      items = 0;
      output.clear();
      key = channel.register(selector, SelectionKey.OP_CONNECT | SelectionKey.OP_READ, this);
      send(
          "<stream:stream from=\""
              + name
              + "\" to=\"network-control@contrailsystems.com\""
              + " version=\"1.0\" xml:lang=\"en\" xmlns=\"\""
              + " xmlns:stream=\"http://etherx.jabber.org/streams\" >");
    }

    void send(String stanza) throws IOException {
      output.add(ByteBuffer.wrap(bytes(stanza)));
      if (connected) {
        flush();
      }
    }

    private void flush() throws IOException {
      while (!output.isEmpty()) {
        ByteBuffer first = output.getFirst();
        channel.write(first);
        if (first.hasRemaining()) {
          key.interestOpsOr(SelectionKey.OP_WRITE);
          return;
        }
        output.removeFirst();
      }
      key.interestOpsAnd(~SelectionKey.OP_WRITE);
    }

    boolean isDrained() {
      return output.isEmpty();
    }

    /** From now on nothing is read. */
    void stall() {
      key.interestOpsAnd(~SelectionKey.OP_READ);
    }

    void resume() {
      key.interestOpsOr(SelectionKey.OP_READ);
    }

    private String iq(String body) {
      return "<iq type=\"set\" from=\""
          + name
          + "\" to=\"network-control@contrailsystems.com/bgp-peer\" id=\"s"
          + stanzas++
          + "\"><pubsub xmlns=\"http://jabber.org/protocol/pubsub\">"
          + body
          + "</pubsub></iq>";
    }

    void subscribe(String vrf, int id) throws IOException {
      send(
          iq(
              "<subscribe node=\""
                  + vrf
                  + "\"><options><instance-id>"
                  + id
                  + "</instance-id></options></subscribe>"));
    }

    void publish(String vrf, String address, int label) throws IOException {
      String node = "1/1/" + vrf + "/" + address + "/32";
      send(
          iq(
                  "<publish node=\""
                      + node
                      + "\"><item><entry><nlri><af>1</af><safi>1</safi><address>"
                      + address
                      + "/32</address></nlri><next-hops><next-hop><af>1</af><address>"
                      + address()
                      + "</address><mac></mac><label>"
                      + label
                      + "</label><vni>0</vni>"
                      + "<tunnel-encapsulation-list><tunnel-encapsulation>udp</tunnel-encapsulation>"
                      + "</tunnel-encapsulation-list><virtual-network></virtual-network><tag-list />"
                      + "<local-sequence-number>0</local-sequence-number></next-hop></next-hops>"
                      + "<version>1</version><virtual-network></virtual-network>"
                      + "<mobility sticky=\"false\" seqno=\"0\" /><sequence-number>0</sequence-number>"
                      + "<security-group-list><security-group>8000001</security-group>"
                      + "</security-group-list><community-tag-list /><local-preference>100"
                      + "</local-preference><med>0</med><load-balance><load-balance-fields />"
                      + "<load-balance-decision>field-hash</load-balance-decision></load-balance>"
                      + "<sub-protocol>interface</sub-protocol></entry></item></publish>")
              + iq(
                  "<collection node=\""
                      + vrf
                      + "\"><associate node=\""
                      + node
                      + "\" /></collection>"));
    }

    private void read(long now) throws IOException {
      input.clear();
      int length = channel.read(input);
      if (length < 0) {
        lost = true;
        channel.close();
        return;
      }
      open |= length > 0;
      input.flip().get(chunk, 0, length);
      scan(length, now);
    }

    private void scan(int length, long now) {
      long before = items;
      for (int i = 0; i < length; i++) {
        byte next = chunk[i];
        if (probing >= 0) {
          probing = next == PROBE_BYTES[probing] ? probing + 1 : -1;
          if (probing == PROBE_BYTES.length) {
            probes++;
            lastProbeNs = now;
            probing = -1;
          }
        }
        if (next == ITEM[matched]) {
          if (++matched == ITEM.length) {
            items++;
            matched = 0;
            probing = 0;
          }
        } else {
          matched = next == ITEM[0] ? 1 : 0;
        }
      }
      if (items != before) {
        lastItemNs = now;
      }
    }
  }

  List<Agent> agents() {
    return agents;
  }

  void add(int count) {
    for (int i = 0; i < count; i++) {
      agents.add(new Agent(agents.size()));
    }
  }

  /** Opens a session for each, and waits for all answers. */
  void connect(InetSocketAddress to, long limitNs) throws IOException {
    for (Agent agent : agents) {
      agent.connect(to);
      turn(0);
    }
    await("sessions", () -> agents.stream().allMatch(agent -> agent.open), limitNs);
  }

  /** Moves bytes, waiting at most so long for any. */
  void turn(long waitMs) throws IOException {
    int ready = waitMs == 0 ? selector.selectNow() : selector.select(waitMs);
    if (ready == 0) {
      return;
    }
    long now = System.nanoTime();
    for (SelectionKey key : selector.selectedKeys()) {
      Agent agent = (Agent) key.attachment();
      if (key.isValid() && key.isConnectable() && agent.channel.finishConnect()) {
        agent.connected = true;
        key.interestOps(SelectionKey.OP_READ);
        agent.flush();
      }
      if (key.isValid() && key.isReadable()) {
        try {
          agent.read(now);
        } catch (IOException e) {
          agent.lost = true;
          agent.channel.close();
        }
      }
      if (key.isValid() && key.isWritable()) {
        agent.flush();
      }
    }
    selector.selectedKeys().clear();
  }

  void await(String what, BooleanSupplier condition, long limitNs) throws IOException {
    long until = System.nanoTime() + limitNs;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new IOException(
            "not within " + TimeUnit.NANOSECONDS.toSeconds(limitNs) + " s: " + what);
      }
      turn(5);
    }
  }

  void disconnect() throws IOException {
    for (Agent agent : agents) {
      agent.channel.close();
    }
    turn(0);
  }

  @Override
  public void close() throws IOException {
    disconnect();
    selector.close();
  }
}
