package weft.bgp;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import weft.state.Loop;
import weft.state.io.Connection;

/** An established session over one connection. */
final class Session implements BgpSession {
  private static final AtomicLong SERIALS = new AtomicLong();

  private final Neighbor neighbor;
  private final Connection<Decoded> connection;
  private final Loop loop;
  private final Negotiated negotiated;
  private final Codec.Context context;
  private final long serial = SERIALS.incrementAndGet();

  Session(Neighbor neighbor, Connection<Decoded> connection, Loop loop, Negotiated negotiated) {
    this.neighbor = neighbor;
    this.connection = connection;
    this.loop = loop;
    this.negotiated = negotiated;
    this.context =
        new Codec.Context(
            negotiated.fourOctetAs(), negotiated.extendedMessage(), negotiated.manyPaths());
  }

  boolean isOver(Connection<Decoded> other) {
    return connection == other;
  }

  long queuedBytes() {
    return connection.queuedBytes();
  }

  private boolean ended() {
    return neighbor.session() != this;
  }

  @Override
  public BgpServer.Peer peer() {
    return neighbor.peer();
  }

  @Override
  public Negotiated negotiated() {
    return negotiated;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return connection.remote();
  }

  @Override
  public InetSocketAddress localAddress() {
    return connection.local();
  }

  @Override
  public long serial() {
    return serial;
  }

  @Override
  public Codec.Context context() {
    return context;
  }

  @Override
  public void send(Update update) {
    send(Codec.pack(update, context));
  }

  @Override
  public void send(List<byte[]> messages) {
    if (!ended()) {
      for (byte[] message : messages) {
        neighbor.countSent();
        connection.send(message);
      }
    }
  }

  @Override
  public void requestRefresh(Family family) {
    if (!ended() && negotiated.routeRefresh()) {
      neighbor.countSent();
      connection.send(Codec.write(Message.RouteRefresh.request(family), context));
    }
  }

  @Override
  public boolean writable() {
    return connection.writable();
  }

  @Override
  public void markRefresh(Family family, boolean begins) {
    if (!ended() && negotiated.enhancedRefresh()) {
      neighbor.countSent();
      connection.send(Codec.write(new Message.RouteRefresh(family, begins ? 1 : 2), context));
    }
  }

  @Override
  public void lost(String reason) {
    if (!ended()) {
      neighbor.vanished(connection, reason);
    }
  }

  @Override
  public void close(Cease cease) {
    loop.execute(() -> {
      if (!ended()) {
        neighbor.reset(cease);
      }
    });
  }

  @Override
  public void close(Cease cease, Duration idle) {
    loop.execute(() -> {
      if (!ended()) {
        neighbor.rest(cease, idle);
      }
    });
  }

  @Override
  public String toString() {
    return neighbor.peer().address() + "#" + serial;
  }
}
