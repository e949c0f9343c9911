package weft.state.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import weft.state.Loop;

/** Listens on addresses, with a virtual thread for each, and hands what it accepts to a loop. */
public final class Listener implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final List<ServerSocketChannel> channels = new ArrayList<>();
  private final Doorkeeper doorkeeper;

  private Listener(Limits limits) {
    doorkeeper = new Doorkeeper(limits);
  }

  /**
   * How many connections may be open at once; one that comes beyond is closed at once.
   *
   * @param perSource from one address
   * @param all from all addresses
   */
  public record Limits(int perSource, int all) {}

  /** Why connections were closed at once. */
  public enum Refusal {
    TOO_MANY_FROM_SOURCE,
    TOO_MANY
  }

  /**
   * Listens at once.
   *
   * @param accepted called on the loop; owns the channel
   */
  public static Listener open(
      List<InetSocketAddress> addresses,
      int backlog,
      Limits limits,
      Loop loop,
      Consumer<SocketChannel> accepted)
      throws IOException {
    Listener listener = new Listener(limits);
    try {
      for (InetSocketAddress address : addresses) {
        ServerSocketChannel channel = ServerSocketChannel.open();
        listener.channels.add(channel);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(address, backlog);
      }
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    for (ServerSocketChannel channel : listener.channels) {
      Thread.ofVirtual().name("accept").start(() -> listener.accept(channel, loop, accepted));
    }
    return listener;
  }

  /** Where it listens, with the ports that were given for port 0. */
  public List<InetSocketAddress> addresses() {
    return channels.stream()
        .map(channel -> (InetSocketAddress) channel.socket().getLocalSocketAddress())
        .toList();
  }

  /** How many connections were closed at once, by reason. May be called from any thread. */
  public Map<Refusal, Long> refusals() {
    return doorkeeper.refusals();
  }

  private void accept(ServerSocketChannel channel, Loop loop, Consumer<SocketChannel> accepted) {
    while (channel.isOpen()) {
      try {
        SocketChannel connection = channel.accept();
        if (doorkeeper.admits(connection)) {
          loop.execute(() -> accepted.accept(connection));
        } else {
          connection.close();
        }
      } catch (IOException e) {
        if (channel.isOpen()) { // out of descriptors, or a peer that gave up at once
          LockSupport.parkNanos(PAUSE.toNanos());
        }
      }
    }
  }

  @Override
  public void close() {
    channels.forEach(Listener::close);
  }

  /** Closes a channel on which nothing was written that closing could fail to write. */
  public static void close(Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
