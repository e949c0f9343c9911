package weft.bgp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/**
 * An UPDATE (RFC 4271 section 4.3, RFC 4760), with the two ways of carrying routes made one: the
 * classic fields of IPv4 unicast read as family 1/1.
 *
 * @param attributes what all of `reach` shares
 */
public record Update(List<Unreach> unreach, PathAttributes attributes, List<Reach> reach)
    implements Message {
  public Update {
    unreach = List.copyOf(unreach);
    reach = List.copyOf(reach);
  }

  /** Routes that came or changed. Route target membership needs a next hop too. */
  public record Reach(Family family, IpAddress nextHop, List<Nlri> routes) {
    public Reach {
      routes = List.copyOf(routes);
    }
  }

  /** Routes that are gone. */
  public record Unreach(Family family, List<Nlri> routes) {
    public Unreach {
      routes = List.copyOf(routes);
    }
  }

  public static Update announce(
      PathAttributes attributes, Family family, IpAddress nextHop, List<Nlri> routes) {
    return new Update(List.of(), attributes, List.of(new Reach(family, nextHop, routes)));
  }

  public static Update withdraw(Family family, List<Nlri> routes) {
    return new Update(List.of(new Unreach(family, routes)), PathAttributes.NONE, List.of());
  }

  /** The End-of-RIB marker of a family (RFC 4724 section 2). */
  public static Update endOfRib(Family family) {
    return withdraw(family, List.of());
  }

  /** The family that this is the End-of-RIB marker of, or null if it is none. */
  public @Nullable Family endOfRib() {
    return reach.isEmpty()
            && attributes.attributes().isEmpty()
            && unreach.size() == 1
            && unreach.getFirst().routes().isEmpty()
        ? unreach.getFirst().family()
        : null;
  }
}
