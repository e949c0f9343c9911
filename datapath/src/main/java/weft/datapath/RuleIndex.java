package weft.datapath;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.vrouter.Acl.Endpoint;
import weft.vrouter.Acl.PortRange;
import weft.vrouter.Acl.Rule;

/**
 * Which rules of a list may match a packet, by its source, its destination and its destination
 * port: for each a set of prefixes, of which the longest that holds the value names them all.
 *
 * <p>A rule that asks something else of an address, such as its security group, may match any.
 */
final class RuleIndex {
  /** What of a packet is asked; the order is the kernel's. */
  enum Dimension {
    SOURCE,
    DESTINATION,
    PORT
  }

  /**
   * @param chunk which part of a long list
   * @param prefix a port is the first half of an IPv4 address
   */
  record Node(Dimension dimension, int chunk, IpPrefix prefix) {}

  private static final int PORTS = 65536;
  private static final int PORT_BITS = 16;
  private static final List<IpPrefix> ALL =
      List.of(new IpPrefix(Ipv4Address.ANY, 0), new IpPrefix(Ipv6Address.ANY, 0));

  private final int size;
  private final Map<Node, long[]> nodes = new LinkedHashMap<>();

  /**
   * @param size rules that one set has room for
   */
  RuleIndex(List<Rule> rules, int size) {
    this.size = size;
    for (int chunk = 0; chunk * size < rules.size(); chunk++) {
      List<Rule> part = rules.subList(chunk * size, Math.min(rules.size(), (chunk + 1) * size));
      addresses(Dimension.SOURCE, chunk, part, Rule::source);
      addresses(Dimension.DESTINATION, chunk, part, Rule::destination);
      ports(chunk, part);
    }
  }

  /** Each with the rules that may match there, a bit each. */
  Map<Node, long[]> nodes() {
    return nodes;
  }

  private void addresses(
      Dimension dimension, int chunk, List<Rule> rules, Function<Rule, Endpoint> side) {
    long[] any = new long[size / 64];
    Map<IpPrefix, long[]> own = new HashMap<>();
    for (IpPrefix all : ALL) {
      own.put(all, new long[size / 64]);
    }
    for (int i = 0; i < rules.size(); i++) {
      if (side.apply(rules.get(i)) instanceof Endpoint.Subnet(IpPrefix prefix)) {
        set(own.computeIfAbsent(prefix, _ -> new long[size / 64]), i);
      } else {
        set(any, i);
      }
    }
    for (IpPrefix prefix : own.keySet()) {
      long[] found = any.clone();
      for (int length = 0; length <= prefix.length(); length++) {
        long[] holding = own.get(new IpPrefix(prefix.address().masked(length), length));
        if (holding != null) {
          join(found, holding);
        }
      }
      nodes.put(new Node(dimension, chunk, prefix), found);
    }
  }

  private void ports(int chunk, List<Rule> rules) {
    TreeSet<Integer> bounds = new TreeSet<>(Set.of(0, PORTS));
    long[] everywhere = new long[size / 64];
    for (int i = 0; i < rules.size(); i++) {
      PortRange range = rules.get(i).destinationPorts();
      if (range.equals(PortRange.ANY)) {
        set(everywhere, i);
      } else if (range.low() <= range.high()) {
        bounds.add(range.low());
        bounds.add(range.high() + 1);
      }
    }
    nodes.put(new Node(Dimension.PORT, chunk, port(0, 0)), everywhere);
    int low = 0;
    for (int next : bounds.tailSet(1)) {
      long[] found = everywhere.clone();
      boolean more = false;
      for (int i = 0; i < rules.size(); i++) {
        PortRange range = rules.get(i).destinationPorts();
        if (!range.equals(PortRange.ANY) && range.contains(low)) {
          set(found, i);
          more = true;
        }
      }
      if (more) {
        for (IpPrefix prefix : prefixes(low, next)) {
          nodes.put(new Node(Dimension.PORT, chunk, prefix), found);
        }
      }
      low = next;
    }
  }

  /** The ports from `low` to before `end`, as prefixes. */
  private static List<IpPrefix> prefixes(int low, int end) {
    List<IpPrefix> list = new ArrayList<>();
    int at = low;
    while (at < end) {
      int bits = at == 0 ? PORT_BITS : Integer.numberOfTrailingZeros(at);
      while (at + (1 << bits) > end) {
        bits--;
      }
      list.add(port(at, PORT_BITS - bits));
      at += 1 << bits;
    }
    return list;
  }

  private static IpPrefix port(int port, int length) {
    IpAddress address = new Ipv4Address(port << PORT_BITS);
    return new IpPrefix(address, length);
  }

  private static void set(long[] words, int bit) {
    words[bit / 64] |= 1L << bit;
  }

  private static void join(long[] words, long[] more) {
    for (int i = 0; i < words.length; i++) {
      words[i] |= more[i];
    }
  }
}
