package weft.agent.relay;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Where a service is in truth: one of several hosts, by address or name.
 *
 * @param hosts names are looked up at each use
 */
public record Target(List<String> hosts, int port) {
  public Target {
    hosts = List.copyOf(hosts);
  }

  /** One of the hosts, at random. */
  public InetSocketAddress pick() throws IOException {
    if (hosts.isEmpty()) {
      throw new IOException("the service has no host");
    }
    String host = hosts.get(ThreadLocalRandom.current().nextInt(hosts.size()));
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return String.join(",", hosts) + ":" + port;
  }
}
