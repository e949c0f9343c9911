package weft.http;

import java.time.Duration;
import java.util.List;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * What a server lets its clients take of it.
 *
 * @param connections open at once; the last eighth is for trusted addresses only
 * @param perClient of them from one address, or one /64 of IPv6, that is not trusted
 * @param trusted whose connections count in all only: this machine, reverse proxies
 * @param header from the first byte of a request, or the connection's begin, to its last header
 * @param body from there to the end of its body
 * @param idle without a request on a connection that has had one
 * @param stall for a client to take the next 64 KiB of an answer
 */
public record HttpLimits(
    int connections,
    int perClient,
    List<IpPrefix> trusted,
    Duration header,
    Duration body,
    Duration idle,
    Duration stall) {
  private static final List<IpPrefix> THIS_MACHINE =
      List.of(IpPrefix.parse("127.0.0.0/8"), IpPrefix.parse("::1/128"));

  public static final HttpLimits USUAL =
      new HttpLimits(
          8192,
          512,
          THIS_MACHINE,
          Duration.ofSeconds(20),
          Duration.ofSeconds(60),
          Duration.ofSeconds(75),
          Duration.ofSeconds(30));

  public HttpLimits {
    trusted = List.copyOf(trusted);
    if (connections < 1 || perClient < 1) {
      throw new IllegalArgumentException("a server needs at least one connection");
    }
  }

  public HttpLimits withConnections(int all, int fromOne, List<IpPrefix> trust) {
    return new HttpLimits(all, fromOne, trust, header, body, idle, stall);
  }

  public HttpLimits withTimes(
      Duration forHeader, Duration forBody, Duration forIdle, Duration forStall) {
    return new HttpLimits(connections, perClient, trusted, forHeader, forBody, forIdle, forStall);
  }

  boolean trusts(IpAddress client) {
    for (IpPrefix prefix : trusted) {
      if (prefix.contains(client)) {
        return true;
      }
    }
    return false;
  }
}
