package weft.routing;

import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;

/** What a route is about. Ordered within a kind; the kinds in the order below. */
public sealed interface RouteKey extends Comparable<RouteKey> {

  /** A prefix of either IP family; one of IPv4, as most are, is one flat object. */
  final class Inet implements RouteKey {
    private final int address;
    private final int length;
    private final @Nullable IpPrefix six;

    public Inet(IpPrefix prefix) {
      boolean isV4 = prefix.address() instanceof Ipv4Address;
      address = prefix.address() instanceof Ipv4Address(int bits) ? bits : 0;
      length = prefix.length();
      six = isV4 ? null : prefix;
    }

    public IpPrefix prefix() {
      return six == null ? new IpPrefix(new Ipv4Address(address), length) : six;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Inet that
          && address == that.address
          && length == that.length
          && Objects.equals(six, that.six);
    }

    @Override
    public int hashCode() {
      return six == null ? address * 31 + length : six.hashCode();
    }

    @Override
    public String toString() {
      return prefix().toString();
    }
  }

  /**
   * EVPN type 2: a MAC and the address it has (RFC 7432 section 7.2).
   *
   * @param address a host prefix, or the default prefix where only the MAC is known
   */
  record Mac(long tag, MacAddress mac, IpPrefix address) implements RouteKey {
    static final Comparator<Mac> ORDER =
        Comparator.comparingLong(Mac::tag).thenComparing(Mac::mac).thenComparing(Mac::address);

    @Override
    public String toString() {
      return (tag == 0 ? "" : tag + "-") + mac + "," + address;
    }
  }

  /** EVPN type 3: who wants the broadcasts of a network (RFC 7432 section 7.3). */
  record Broadcast(long tag, IpAddress originator) implements RouteKey {
    static final Comparator<Broadcast> ORDER =
        Comparator.comparingLong(Broadcast::tag).thenComparing(Broadcast::originator);

    @Override
    public String toString() {
      return (tag == 0 ? "" : tag + "-") + MacAddress.BROADCAST + "," + originator;
    }
  }

  /**
   * EVPN type 6: who wants a multicast group of a network (RFC 9251 section 9.1). All zeros stand
   * for any group or source.
   */
  record Selective(long tag, IpAddress group, IpAddress source, IpAddress originator)
      implements RouteKey {
    static final Comparator<Selective> ORDER =
        Comparator.comparingLong(Selective::tag)
            .thenComparing(Selective::group)
            .thenComparing(Selective::source)
            .thenComparing(Selective::originator);

    @Override
    public String toString() {
      return (tag == 0 ? "" : tag + "-")
          + MacAddress.BROADCAST
          + ","
          + originator
          + ","
          + group
          + ","
          + source;
    }
  }

  /** EVPN type 5: a prefix (RFC 9136). */
  record Prefix(long tag, IpPrefix prefix) implements RouteKey {
    static final Comparator<Prefix> ORDER =
        Comparator.comparingLong(Prefix::tag).thenComparing(Prefix::prefix);

    @Override
    public String toString() {
      return (tag == 0 ? "" : tag + "-") + MacAddress.ZERO + "," + prefix;
    }
  }

  /** A multicast group as one agent wants it. */
  record Group(IpAddress group, IpAddress source, RouteDistinguisher owner) implements RouteKey {
    static final Comparator<Group> ORDER =
        Comparator.comparing(Group::group).thenComparing(Group::source).thenComparing(Group::owner);

    @Override
    public String toString() {
      return owner + ":" + group + "," + source;
    }
  }

  /**
   * A part of a multicast tree, as control nodes tell each other.
   *
   * @param router the control node that it is of, by its identifier
   */
  record Tree(Kind kind, int router, IpAddress group, IpAddress source) implements RouteKey {
    public enum Kind {
      /** Where the agents of the control node can be joined to others. */
      LOCAL,
      /** How they are joined. */
      GLOBAL
    }

    static final Comparator<Tree> ORDER =
        Comparator.comparing(Tree::kind)
            .thenComparing(Tree::router, Integer::compareUnsigned)
            .thenComparing(Tree::group)
            .thenComparing(Tree::source);

    @Override
    public String toString() {
      return (kind == Kind.LOCAL ? "local-" : "global-")
          + new Ipv4Address(router)
          + ":"
          + group
          + ","
          + source;
    }
  }

  /**
   * Any other kind of EVPN route: it is carried from peer to peer and means nothing to us.
   *
   * @param type as in RFC 7432 section 7
   * @param rest what follows the route distinguisher, without labels, in hexadecimal
   */
  record OtherEvpn(int type, String rest) implements RouteKey {
    static final Comparator<OtherEvpn> ORDER =
        Comparator.comparingInt(OtherEvpn::type).thenComparing(OtherEvpn::rest);

    @Override
    public String toString() {
      return type + "-" + rest;
    }
  }

  /**
   * That an AS wants the routes of some route targets (RFC 4684 section 4).
   *
   * @param length how many bits of origin AS and target count: 0 for all targets, else 32 to 96
   * @param target the eight bytes of the target
   */
  record Membership(int length, long originAs, long target) implements RouteKey {
    static final Comparator<Membership> ORDER =
        Comparator.comparingLong(Membership::originAs)
            .thenComparing(Membership::target, Long::compareUnsigned)
            .thenComparingInt(Membership::length);

    public static Membership of(long originAs, RouteTarget target) {
      return new Membership(96, originAs, target.bits());
    }

    @Override
    public String toString() {
      if (length == 0) {
        return "default";
      }
      boolean whole = length == 96 && new ExtendedCommunity(target).isRouteTarget();
      return originAs
          + ":"
          + (whole ? new RouteTarget(target).toString() : "%016x/%d".formatted(target, length));
    }
  }

  /** A key of an instance as the backbone tables have it. */
  sealed interface Vpn extends RouteKey {
    Comparator<Vpn> ORDER = Comparator.comparing(Vpn::rd).thenComparing(Vpn::key);

    RouteDistinguisher rd();

    /** The key in the instance. */
    RouteKey key();

    static Vpn of(RouteDistinguisher rd, RouteKey key) {
      return key instanceof Inet inet ? of(rd, inet.prefix()) : new VpnOther(rd, key);
    }

    static Vpn of(RouteDistinguisher rd, IpPrefix prefix) {
      return prefix.address() instanceof Ipv4Address(int bits)
          ? new VpnInet(rd.bits(), bits, prefix.length())
          : new VpnOther(rd, new Inet(prefix));
    }
  }

  /** An IPv4 prefix on the backbone: there are a lot of them, so they are one flat object each. */
  record VpnInet(long distinguisher, int address, int length) implements Vpn {
    @Override
    public RouteDistinguisher rd() {
      return new RouteDistinguisher(distinguisher);
    }

    @Override
    public RouteKey key() {
      return new Inet(prefix());
    }

    public IpPrefix prefix() {
      return new IpPrefix(new Ipv4Address(address), length);
    }

    @Override
    public String toString() {
      return rd() + ":" + prefix();
    }

    /** The numbers of agents and instances lie close together, and so do their prefixes. */
    @Override
    public int hashCode() {
      long mixed = distinguisher * SPREAD + address * 31L + length;
      return (int) (mixed * SPREAD >>> 32);
    }
  }

  /** Any other key on the backbone. */
  record VpnOther(RouteDistinguisher rd, RouteKey key) implements Vpn {
    @Override
    public String toString() {
      return rd + ":" + key;
    }

    @Override
    public int hashCode() {
      return (int) ((rd.bits() * 31 + key.hashCode()) * SPREAD >>> 32);
    }
  }

  /** Spreads numbers that lie close together (Fibonacci hashing). */
  long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private int rank() {
    return switch (this) {
      case Inet _ -> 0;
      case Mac _ -> 1;
      case Broadcast _ -> 2;
      case Prefix _ -> 3;
      case Group _ -> 4;
      case Tree _ -> 5;
      case OtherEvpn _ -> 6;
      case Membership _ -> 7;
      case Vpn _ -> 8;
      case Selective _ -> 9;
    };
  }

  @Override
  default int compareTo(RouteKey other) {
    return switch (this) {
      case Inet a when other instanceof Inet b -> a.prefix().compareTo(b.prefix());
      case Mac a when other instanceof Mac b -> Mac.ORDER.compare(a, b);
      case Broadcast a when other instanceof Broadcast b -> Broadcast.ORDER.compare(a, b);
      case Prefix a when other instanceof Prefix b -> Prefix.ORDER.compare(a, b);
      case Selective a when other instanceof Selective b -> Selective.ORDER.compare(a, b);
      case Group a when other instanceof Group b -> Group.ORDER.compare(a, b);
      case Tree a when other instanceof Tree b -> Tree.ORDER.compare(a, b);
      case OtherEvpn a when other instanceof OtherEvpn b -> OtherEvpn.ORDER.compare(a, b);
      case Membership a when other instanceof Membership b -> Membership.ORDER.compare(a, b);
      case Vpn a when other instanceof Vpn b -> Vpn.ORDER.compare(a, b);
      case RouteKey a -> Integer.compare(a.rank(), other.rank());
    };
  }
}
