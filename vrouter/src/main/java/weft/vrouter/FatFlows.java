package weft.vrouter;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * What connections of a vif share a flow.
 *
 * @param rules in the order in which they are tried
 */
public record FatFlows(List<Rule> rules) implements TableValue {
  /** The port of a rule for all ports. */
  public static final int ANY_PORT = 0;

  private static final int WHOLE = 128;

  private static final Comparator<Rule> ORDER =
      Comparator.comparingInt(Rule::protocol)
          .thenComparingInt(Rule::port)
          .thenComparing(Rule::guest)
          .thenComparing(Rule::remote);

  public FatFlows {
    rules = rules.stream().distinct().sorted(ORDER).toList();
  }

  /**
   * Connections of a protocol that differ only in what the rule leaves out are one.
   *
   * @param port the one that is kept, at whichever end; the other is left out. {@link #ANY_PORT}
   *     leaves out both
   * @param guest the address at the vif's end
   * @param remote the address at the other end
   */
  public record Rule(int protocol, int port, End guest, End remote) {}

  /**
   * How much of an address is kept.
   *
   * @param within what the address must be in for the rule to hold, or null
   * @param length how many bits are kept
   */
  public record End(@Nullable IpPrefix within, int length) implements Comparable<End> {
    public static final End KEPT = new End(null, WHOLE);
    public static final End IGNORED = new End(null, 0);

    private static final Comparator<IpPrefix> LONGEST_FIRST =
        Comparator.comparingInt(IpPrefix::length).reversed().thenComparing(IpPrefix::address);

    private boolean holds(IpAddress address) {
      return within == null || within.contains(address);
    }

    IpAddress cut(IpAddress address) {
      return address.masked(Math.min(length, address.width()));
    }

    /** The longest prefix first, none at the end. */
    @Override
    public int compareTo(End other) {
      return Comparator.comparing(End::within, Comparator.nullsLast(LONGEST_FIRST))
          .thenComparingInt(End::length)
          .compare(this, other);
    }
  }

  /**
   * A shared flow.
   *
   * @param packet as rules see it: without what is left out
   * @param addresses whether connections of other addresses share it
   */
  record Shared(Packet.Ip packet, boolean addresses) {}

  /**
   * The flow that a packet shares with others, or null. Of several rules that of the lower port is
   * taken, those for all ports last.
   */
  @Nullable Shared shared(Packet.Ip ip, boolean fromGuest) {
    if (isIcmp(ip) && !ip.isEcho()) {
      return null;
    }
    for (int port : ports(ip)) {
      for (Rule rule : rules) {
        End source = fromGuest ? rule.guest : rule.remote;
        End destination = fromGuest ? rule.remote : rule.guest;
        if (rule.protocol == ip.protocol()
            && rule.port == port
            && source.holds(ip.source())
            && destination.holds(ip.destination())) {
          return shared(ip, port, source, destination);
        }
      }
    }
    return null;
  }

  private static boolean isIcmp(Packet.Ip ip) {
    return ip.protocol() == Packet.ICMP || ip.protocol() == Packet.ICMP_V6;
  }

  private static List<Integer> ports(Packet.Ip ip) {
    return isIcmp(ip)
        ? List.of(ANY_PORT)
        : List.of(
            Math.min(ip.sourcePort(), ip.destinationPort()),
            Math.max(ip.sourcePort(), ip.destinationPort()),
            ANY_PORT);
  }

  private static Shared shared(Packet.Ip ip, int port, End source, End destination) {
    boolean kept = port != ANY_PORT;
    return new Shared(
        new Packet.Ip(
            source.cut(ip.source()),
            destination.cut(ip.destination()),
            ip.protocol(),
            kept && ip.sourcePort() == port ? port : 0,
            kept && ip.destinationPort() == port ? port : 0,
            ip.icmpType(),
            ip.ttl()),
        source.length < ip.source().width() || destination.length < ip.destination().width());
  }
}
