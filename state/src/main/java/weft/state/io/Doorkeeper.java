package weft.state.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Says whether one more connection is admitted. It looks for connections that are closed meanwhile
 * only when a limit is reached.
 */
final class Doorkeeper {
  private final Listener.Limits limits;
  private final Map<InetAddress, List<SocketChannel>> open = new HashMap<>();
  private final Map<Listener.Refusal, Long> refusals = new EnumMap<>(Listener.Refusal.class);
  private int count;

  Doorkeeper(Listener.Limits limits) {
    this.limits = limits;
  }

  synchronized Map<Listener.Refusal, Long> refusals() {
    return Map.copyOf(refusals);
  }

  /** Notes the connection if so. */
  synchronized boolean admits(SocketChannel channel) throws IOException {
    if (!(channel.getRemoteAddress() instanceof InetSocketAddress remote)) {
      return false; // gone already
    }
    List<SocketChannel> same = open.computeIfAbsent(remote.getAddress(), _ -> new ArrayList<>());
    if (same.size() >= limits.perSource()) {
      forgetClosed(same);
    }
    if (same.size() >= limits.perSource()) {
      refusals.merge(Listener.Refusal.TOO_MANY_FROM_SOURCE, 1L, Long::sum);
      return false;
    }
    if (count >= limits.all()) {
      open.values().forEach(this::forgetClosed);
      open.values().removeIf(List::isEmpty);
    }
    if (count >= limits.all()) {
      refusals.merge(Listener.Refusal.TOO_MANY, 1L, Long::sum);
      return false;
    }
    open.computeIfAbsent(remote.getAddress(), _ -> new ArrayList<>()).add(channel);
    count++;
    return true;
  }

  private void forgetClosed(List<SocketChannel> channels) {
    int before = channels.size();
    channels.removeIf(channel -> !channel.isOpen());
    count -= before - channels.size();
  }
}
