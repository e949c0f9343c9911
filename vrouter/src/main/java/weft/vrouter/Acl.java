package weft.vrouter;

import java.util.List;
import java.util.UUID;
import weft.net.IpPrefix;

/**
 * An ordered list of rules: the first that matches decides, and where none does the packet is
 * denied.
 *
 * @param name for people: the network or the security groups it was made from
 */
public record Acl(String name, List<Rule> rules) implements TableValue {
  public Acl {
    rules = List.copyOf(rules);
  }

  /** What a rule says. */
  public enum Action {
    PASS,
    DENY
  }

  /** IP version a rule holds for. */
  public enum Family {
    ANY,
    IPV4,
    IPV6
  }

  /**
   * @param id the rule's uuid in the config, shown where it decided
   * @param protocol IP protocol number, or -1 for any
   * @param sourcePorts for TCP, UDP, SCTP; other protocols match whatever it says
   * @param destinationPorts likewise; for ICMP the low port is the type where it is not the full
   *     range
   */
  public record Rule(
      UUID id,
      Family family,
      int protocol,
      Endpoint source,
      Endpoint destination,
      PortRange sourcePorts,
      PortRange destinationPorts,
      Action action) {}

  /** Inclusive, 0..65535. */
  public record PortRange(int low, int high) {
    public static final PortRange ANY = new PortRange(0, 65535);

    public boolean contains(int port) {
      return port >= low && port <= high;
    }
  }

  /** One side of a rule. */
  public sealed interface Endpoint {
    Endpoint ANY = new Any();

    record Any() implements Endpoint {}

    record Subnet(IpPrefix prefix) implements Endpoint {}

    /** An address whose route carries this security group. */
    record Group(int id) implements Endpoint {}

    /** An address whose route is of this network. */
    record Network(int id) implements Endpoint {}
  }
}
