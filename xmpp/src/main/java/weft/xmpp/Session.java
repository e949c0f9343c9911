package weft.xmpp;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import weft.state.Loop;
import weft.state.io.Connection;

/** A session over one connection of a link. */
final class Session implements XmppSession {
  private static final AtomicLong SERIALS = new AtomicLong();

  private final Link link;
  private final Connection<Message> connection;
  private final Loop loop;
  private final String name;
  private final long serial = SERIALS.incrementAndGet();
  private long stanzasIn;
  private long stanzasOut;
  private long keepAlivesIn;
  private long malformedIn;

  Session(Link link, Connection<Message> connection, Loop loop, String name) {
    this.link = link;
    this.connection = connection;
    this.loop = loop;
    this.name = name;
  }

  void countStanza() {
    stanzasIn++;
  }

  void countKeepAlive() {
    keepAlivesIn++;
  }

  void countMalformed() {
    malformedIn++;
  }

  private boolean ended() {
    return link.session() != this;
  }

  @Override
  public String name() {
    return name;
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
  public void send(byte[] stanzas) {
    if (!ended() && stanzas.length > 0) {
      stanzasOut++;
      connection.send(stanzas);
    }
  }

  @Override
  public void send(SharedMessage message, String to) {
    if (!ended()) {
      stanzasOut += message.stanzas();
      connection.send(message.piecesFor(to));
    }
  }

  @Override
  public boolean writable() {
    return connection.writable();
  }

  @Override
  public void close(String reason) {
    loop.execute(() -> {
      if (!ended()) {
        link.drop(new CloseReason(CloseReason.Kind.LOCAL_CLOSED, reason));
      }
    });
  }

  @Override
  public Statistics statistics() {
    return new Statistics(
        stanzasIn,
        stanzasOut,
        connection.bytesIn(),
        connection.bytesOut(),
        keepAlivesIn,
        malformedIn,
        connection.queuedBytes());
  }

  @Override
  public String toString() {
    return name + "#" + serial;
  }
}
