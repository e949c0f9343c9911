package weft.control;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigDb;
import weft.http.HttpCalls;
import weft.http.HttpOptions;
import weft.net.Ipv4Address;
import weft.state.EventLoop;
import weft.store.MemoryStore;

/** A control node over a config of its own, with agents that are closed with it. */
final class TestNode implements AutoCloseable {
  final List<Throwable> faults = new CopyOnWriteArrayList<>();
  private final EventLoop clock = EventLoop.start("store", (_, cause) -> faults.add(cause));
  private final MemoryStore store = new MemoryStore(clock);
  final ConfigDb db = ConfigDb.open(store);
  final TestConfig config = new TestConfig(db);
  final ControlNode node;
  private final List<TestAgent> open = new ArrayList<>();
  private final HttpCalls http;

  TestNode(Duration restartTime) throws IOException {
    this(restartTime, "10.9.0.1");
  }

  TestNode(Duration restartTime, String routerId) throws IOException {
    this(
        restartTime, routerId, List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
  }

  TestNode(Duration restartTime, String routerId, List<InetSocketAddress> bgp) throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    ControlOptions options =
        ControlOptions.of("control-1", Ipv4Address.parse(routerId))
            .with(new ControlOptions.Listen(List.of(any), bgp, new HttpOptions("127.0.0.1", 0)))
            .with(
                new ControlOptions.Times(
                    Duration.ofSeconds(90), restartTime, Duration.ofSeconds(1)));
    node = ControlNode.start(options, db, (_, cause) -> faults.add(cause));
    http = new HttpCalls("http://127.0.0.1:" + node.httpPort());
  }

  /** Looks again and again until the condition holds; fails after thirty seconds. */
  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("waited for " + what);
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  TestAgent agent(String name, String address) {
    return agent(name, address, node.xmppAddresses().getFirst());
  }

  /** One that comes another way. */
  TestAgent agent(String name, String address, InetSocketAddress server) {
    TestAgent agent = new TestAgent(name, address, server);
    open.add(agent);
    return agent;
  }

  JsonNode get(String path) {
    try {
      HttpCalls.Reply reply = http.get(path);
      if (!reply.ok()) {
        throw new AssertionError(path + ": " + reply.status() + " " + reply.text());
      }
      return reply.json();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  String text(String path) {
    try {
      return http.get(path).text();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    for (TestAgent one : open) {
      one.close();
    }
    http.close();
    node.close();
    db.close();
    store.close();
    clock.close();
  }
}
